package service

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// What is wrong with one service keeps no other from running, is said, and is
// found before a machine is booted with it.
func TestServicesConfiguration(t *testing.T) {
	w := newWorld(t)
	w.bundle("lost", "exec sleep 1000", map[string]string{"after": "netwrok", "grace": "0"})
	w.bundle("one", "exec sleep 1000", map[string]string{"after": w.id("two"), "grace": "0"})
	w.bundle("two", "exec sleep 1000", map[string]string{"after": w.id("one"), "grace": "0"})
	odd := w.bundle("odd", "exec sleep 1000", map[string]string{"grace": "0"})
	must(t, os.WriteFile(filepath.Join(odd, "runtime.json"), []byte(`{"mkdirs": ["a"]}`), 0o644))
	w.bundle("wrong", "exec sleep 1000", map[string]string{"restart": "sometimes"})
	must(t, os.WriteFile(w.path("services", "README"), nil, 0o644))
	problems := []string{
		w.id("lost") + ": org.keg.boot.after: netwrok: there is no such service",
		w.id("one") + ": org.keg.boot.after: " + w.id("two") + ": it leads in a circle",
		w.id("two") + ": org.keg.boot.after: " + w.id("one") + ": it leads in a circle",
		"services/" + w.id("wrong") + `: config.json: annotations["org.keg.boot.restart"]: "sometimes": no, on-failure or always is meant`,
		"services/" + w.id("odd") + ": runtime.json: mkdirs: keg knows no such member, and leaves it out",
	}
	check := kegtest.Command(t, "", w.arguments("--check")...)
	w.start()
	w.becomes("one", "running")
	w.becomes("two", "running")
	if s := w.becomes("lost", "running"); !strings.Contains(s.Note, "netwrok") {
		t.Errorf("%+v", s)
	}
	w.becomes("odd", "running")
	w.becomes("wrong", "failed")
	if r := w.boot("start", w.id("wrong")); r.Code == 0 || !strings.Contains(r.Stderr, problems[3]) {
		t.Errorf("%+v", r)
	}
	table := w.ask("status")
	for _, p := range problems {
		if check.Code == 0 || !strings.Contains(check.Stderr, p) {
			t.Errorf("--check: %d, without %q:\n%s", check.Code, p, check.Stderr)
		}
		if !strings.Contains(w.said(), p) || !strings.Contains(table, p) {
			t.Errorf("the console or the status lacks %q", p)
		}
	}
	if !strings.Contains(w.said(), "README") {
		t.Error("a stray file is not spoken of")
	}
}

func TestServicesControlSocket(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0"})
	w.start()
	socket := w.path("run/boot.sock")
	st, err := os.Stat(socket)
	if err != nil || st.Mode() != os.ModeSocket|0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	for _, bad := range []string{"", "{", "null", `{"op":"halt"}`, `{"op":"stop"}`, strings.Repeat("x", 1<<20), "\x00\x00"} {
		s, err := linux.DialUnix(socket)
		must(t, err)
		go s.WriteString(bad + "\n") // it need not be read to its end
		answer, _ := bufio.NewReader(s).ReadString('\n')
		if !strings.HasPrefix(answer, `{"error":`) {
			t.Errorf("%.20q: %q", bad, answer)
		}
		s.Close()
	}
	silent, err := linux.DialUnix(socket) // and stays
	must(t, err)
	defer silent.Close()
	if r := w.boot("stop", "../x"); r.Code == 0 || !strings.Contains(r.Stderr, `there is no service "../x"`) {
		t.Errorf("%+v", r)
	}
	w.becomes("x", "running")
	second := kegtest.Finish(t, exec.Command(kegtest.Keg(t), w.arguments()...))
	if second.Code == 0 || !strings.Contains(second.Stderr, "another supervisor is running") {
		t.Errorf("%+v", second)
	}
	w.terminate()
	if r := w.boot("status"); r.Code == 0 || !strings.Contains(r.Stderr, "no supervisor is running there") {
		t.Errorf("%+v", r)
	}
}

// A container of the same name that is another's is left alone.
func TestServicesAnothersContainer(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "exec sleep 1000", map[string]string{"grace": "0", "backoff": "20ms"})
	b := kegtest.NewBundle(t, "sleep", "1000")
	b.Spec.Linux.CgroupsPath = "/" + b.ID()
	b.Write()
	keg := func(words ...string) kegtest.Result {
		return kegtest.Command(t, "", append([]string{"--root", w.path("state")}, words...)...)
	}
	if r := keg("run", "-d", "--bundle", b.Dir, w.id("x")); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	t.Cleanup(func() { keg("delete", "-f", w.id("x")) })
	w.start()
	w.eventually("it is refused", func() bool {
		s := w.status("x")
		return s.Last != nil && strings.Contains(s.Last.Error, "of another bundle: "+b.Dir)
	})
	if r := keg("state", w.id("x")); !strings.Contains(r.Stdout, `"running"`) {
		t.Errorf("%+v", r)
	}
	keg("delete", "-f", w.id("x"))
	w.becomes("x", "running")
}

// Without the daemon of LinuxKit's, a script of init's goes on when the services
// have been started.
func TestServicesDetached(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "echo up > /data/up; exec sleep 1000", map[string]string{"grace": "0"})
	w.bundle("late", "exit 1", map[string]string{"after": w.id("x"), "restart": "no"}, func(*oci.Spec) {})
	r := kegtest.Command(t, "", w.arguments("--detach")...)
	if r.Code != 0 || !strings.Contains(r.Stderr, w.id("x")+": running") || !strings.Contains(r.Stderr, w.id("late")+": running") {
		t.Errorf("%+v", r)
	}
	if s := w.status("x"); s.State != "running" {
		t.Errorf("%+v", s)
	}
	w.ask("stop", "--all")
	if r := w.boot("status"); r.Code == 0 {
		t.Error("it is there still")
	}
}
