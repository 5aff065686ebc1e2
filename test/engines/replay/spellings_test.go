package replay

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// spelling is a call in one of the ways in which runc can be written.
type spelling struct {
	status string // of the container before
	args   []string
	differ string // why keg's output is another
}

func words(status, args string) spelling { return spelling{status: status, args: strings.Fields(args)} }

// but says why what comes of it is not the same.
func (s spelling) but(why string) spelling {
	s.differ = why
	return s
}

var spellings = []spelling{
	words("", "create {id} --bundle {dir}"),
	words("", "create -bundle {dir} {id}"),
	words("", "create -b {dir} {id}"),
	words("", "create -b={dir} {id}"),
	words("", "create --bundle={dir} --no-pivot=false --no-new-keyring=true {id}"),
	words("", "create -pid-file={dir}/pid -no-new-keyring -bundle={dir} {id}"),
	words("", "create --bundle /nonexistent --bundle {dir} {id}"),
	words("", "create -- {id}"),
	words("", "-rootless auto create --bundle {dir} {id}"),
	words("", "--rootless=auto --debug=false -systemd-cgroup=false create {id}"),
	words("", "--rootless=false create {id}"),
	words("", "--rootless=true create {id}"),
	words("", "--root {dir}/elsewhere --root={dir}/state create {id}"),
	words("", "--root={dir}/state --log={dir}/log --log-format=text create {id}"),
	words("", "--criu /usr/sbin/criu create {id}"),
	words("", "run -d -no-subreaper {id}"),
	words("", "run --detach=true --keep=true {id}"),
	words("", "run {id} -d"),
	words("", "delete --force {id}"),
	words("running", "delete {id} --force"),
	words("running", "delete -force=true {id}"),
	words("running", "delete -f {id}"),
	words("stopped", "delete -f=false {id}"),
	words("stopped", "delete {id}"),
	words("created", "delete {id}"),
	words("running", "kill {id}"),
	words("running", "kill --all {id} KILL"),
	words("running", "kill -a {id} 9"),
	words("running", "kill {id} --all 9").but("runc takes the flag's neighbour for the id"),
	words("running", "kill -a=true {id} SIGKILL"),
	words("running", "kill {id} -a KILL").but("runc takes the flag's neighbour for the id"),
	words("running", "kill {id} kill"),
	words("running", "kill {id} 0"),
	words("stopped", "kill --all {id} 9"),
	words("created", "kill {id} 9"),
	words("created", "start {id}"),
	words("created", "exec {id} true"),
	words("created", "pause {id}"),
	words("running", "pause {id}"),
	words("paused", "resume {id}"),
	words("paused", "kill {id} 9"),
	words("paused", "delete --force {id}"),
	words("running", "exec {id} echo hello"),
	words("running", "exec -- {id} echo hello"),
	words("running", "exec {id} echo -- -d -e A"),
	words("running", "exec -e A=1 -e B=2 -e C=3 -e=D=4 {id} sh -c echo$IFS$A$B$C$D"),
	words("running", "exec -u 1000:1000 --additional-gids 5 -additional-gids=6 -cwd /tmp {id} sh -c id;pwd"),
	words("running", "exec --user=1000 {id} id -u"),
	words("running", "exec --cap CAP_NET_ADMIN --cap=CAP_SYS_TIME {id} grep Cap /proc/self/status"),
	words("running", "exec --env A=1 -e B=2 {id} sh -c echo$IFS$A$B").but("runc takes one form of a flag at a time"),
	words("running", "exec --no-new-privs {id} grep NoNewPrivs /proc/self/status"),
	words("running", "exec -d --pid-file {dir}/pid {id} true"),
	words("running", "exec --detach=false --ignore-paused {id} true"),
	words("running", "exec {id} sh -c exit$IFS$((3+4))"),
	words("running", "exec {id} sh -c kill$IFS-9$IFS$$"),
	words("running", "update {id} --pids-limit 50"),
	words("running", "update -pids-limit=50 {id}"),
	words("running", "update --memory 50M --memory-swap=100M {id}"),
	words("running", "update --cpu-quota=50000 --cpu-period 100000 --cpu-share 512 {id}"),
	words("running", "list --quiet=true"),
	words("running", "list -q -f json"),
	words("running", "state -h"),
	words("", "list -q"),
}

// TestSpellings compares what comes of calls that are written in different ways.
func TestSpellings(t *testing.T) {
	engines.Need(t, "runc")
	for _, c := range spellings {
		t.Run(strings.ReplaceAll(strings.Join(c.args, " ")+" of "+c.status, " ", "_"), func(t *testing.T) {
			var came []string
			for _, r := range engines.Runtimes(t) {
				s := newSite(t, r, "sleep", "1000")
				s.bring(c.status)
				if err := os.MkdirAll(s.root, 0o700); err != nil { // `list` of none is an error
					t.Fatal(err)
				}
				came = append(came, s.outcome(c.args))
			}
			if (came[0] == came[1]) == (c.differ != "") {
				t.Errorf("%s\nrunc:\n%s\nsaid to differ: %q", came[1], came[0], c.differ)
			}
		})
	}
}

// outcome is all that comes of a call.
func (s *site) outcome(args []string) string {
	s.t.Helper()
	var own []string
	for _, arg := range args {
		own = append(own, strings.NewReplacer("{id}", s.id, "{dir}", s.bundle.Dir).Replace(arg))
	}
	r := s.call(own...)
	status := s.status()
	if line := strings.ToUpper(strings.Join(args, " ")); r.Code == 0 && strings.Contains(line, "KILL") && (strings.HasSuffix(line, "KILL") || strings.HasSuffix(line, "9")) {
		status = s.await("stopped")
	}
	text := "exit status " + strconv.Itoa(r.Code) + ", container " + status + "\n"
	if pid, err := os.ReadFile(filepath.Join(s.bundle.Dir, "pid")); err == nil {
		text += "pid file: digits " + map[bool]string{true: "alone", false: "and others"}[digits.Match(pid)] + "\n"
	}
	if args[len(args)-1] == "-h" {
		return text
	}
	return text + s.own(r.Stdout) + s.own(r.Stderr)
}
