package doctor

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/keg-project/keg/systemd"
)

const subjectSystemd = "systemd"

// managerFacts are how a manager of systemd's answers.
type managerFacts struct {
	booted   bool // systemd is process 1
	patience time.Duration
	user     bool // it is the user's own that keg would ask
	took     time.Duration
	err      error
}

var errSlow = errors.New("no answer")

func examineSystemd(m *machine) []Finding {
	f := managerFacts{booted: m.systemd, patience: m.Patience}
	if f.booted {
		f.user = systemd.UserManager()
		f.took, f.err = ask(f.user, m.Patience)
	}
	return f.findings()
}

// ask has a manager say which cgroup is its own: once over the way that keg takes
// to it. A manager that does not answer is left to wait for; keg ends before.
func ask(user bool, patience time.Duration) (time.Duration, error) {
	begin := time.Now()
	answer := make(chan error, 1)
	go func() {
		m, err := systemd.Connect(user)
		if err == nil {
			_, err = m.ControlGroup()
			m.Close()
		}
		answer <- err
	}()
	select {
	case err := <-answer:
		return time.Since(begin), err
	case <-time.After(patience):
		return patience, errSlow
	}
}

func (f managerFacts) findings() []Finding {
	name := "the system's manager"
	if f.user {
		name = "the user's manager"
	}
	found := ok(subjectSystemd, name, "", "`keg --systemd-cgroup`, which engines use where systemd runs; limits of `keg shell` for ordinary users")
	switch {
	case !f.booted:
		return []Finding{ok(subjectSystemd, "manager", "systemd does not run here: keg makes the cgroups itself", found.Means).detail()}
	case errors.Is(f.err, errSlow):
		return []Finding{found.bad(Error, fmt.Sprintf("has not answered within %v", f.patience), "see what keeps it: systemctl list-jobs; journalctl -b _PID=1")}
	case f.err != nil:
		return []Finding{found.bad(Warning, strings.TrimPrefix(f.err.Error(), "--systemd-cgroup: "), f.mend())}
	}
	found.Found = fmt.Sprintf("answers in %.1f ms", float64(f.took)/float64(time.Millisecond))
	if f.took > 100*time.Millisecond {
		return []Finding{found.bad(Warning, found.Found+": each container of an engine with the systemd driver waits several times as long", "see what keeps it: systemctl list-jobs; systemd-analyze dump | head")}
	}
	return []Finding{found}
}

// mend is for who has systemd, but not this manager.
func (f managerFacts) mend() string {
	if f.user {
		return "log in anew, or: sudo loginctl enable-linger $USER; and see that XDG_RUNTIME_DIR is /run/user/$(id -u)"
	}
	return "systemctl status; keg without --systemd-cgroup needs no manager"
}
