package hooks

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// marked has a program that leaves a mark and stays, and poststop hooks that
// tell that they were called.
func marked(t *testing.T) *scene {
	s := newScene(t, "touch /data/program; exec sleep 60")
	s.hook("poststop", "echo one >> $D/poststop; exit 1")
	s.hook("poststop", "echo two >> $D/poststop")
	return s
}

const bothWarned = "keg: warning: hooks.poststop[0]: /bin/sh: exit status 1\n"

// Until the program runs, a hook that fails ends it all: an error, nothing is
// left, the poststop hooks are called. runtime-spec runtime.md#lifecycle, 3-5
func TestFailureBefore(t *testing.T) {
	for _, kind := range []string{"prestart", "createRuntime", "createContainer"} {
		for _, command := range [][]string{{"create"}, {"run"}, {"run", "-d"}} {
			t.Run(kind+" "+strings.Join(command, " "), func(t *testing.T) {
				s := marked(t)
				s.hook(kind, "exit 9")
				s.hook(kind, "touch $D/next")
				s.Write()
				before := kegtest.Leftovers()
				said := s.fails(append(command, "--bundle", s.Dir, s.ID())...)
				if want := bothWarned + "keg: hooks." + kind + "[0]: /bin/sh: exit status 9\n"; said != want {
					t.Errorf("keg said %swant %s", said, want)
				}
				s.undone(before)
				s.expect("poststop", "one\ntwo\n")
			})
		}
	}
}

// undone: the program did not run, nor the hook after the one that failed,
// and nothing is left.
func (s *scene) undone(before map[string]bool) {
	s.t.Helper()
	if s.wrote("program") || s.wrote("next") {
		s.t.Error("program or next hook ran")
	}
	s.gone()
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		s.t.Errorf("left: %v", left)
	}
}

func TestFailureOfStartContainer(t *testing.T) {
	for _, flags := range [][]string{nil, {"-d"}} {
		t.Run(strings.Join(append([]string{"run"}, flags...), " "), func(t *testing.T) {
			s := marked(t)
			s.hook("startContainer", "exit 9")
			s.hook("startContainer", "touch $D/next")
			s.Write()
			before := kegtest.Leftovers()
			said := s.fails(append(append([]string{"run"}, flags...), "--bundle", s.Dir, s.ID())...)
			if want := bothWarned + "keg: hooks.startContainer[0]: /bin/sh: exit status 9\n"; said != want {
				t.Errorf("keg said %swant %s", said, want)
			}
			s.undone(before)
			s.expect("poststop", "one\ntwo\n")
		})
	}
	t.Run("start", func(t *testing.T) {
		s := marked(t)
		s.hook("startContainer", "exit 9")
		before := kegtest.Leftovers()
		s.keg(s.create()...)
		if said := s.fails("start", s.ID()); said != "keg: hooks.startContainer[0]: /bin/sh: exit status 9\n" {
			t.Error(said)
		}
		s.stoppedUntilDeleted()
		s.undone(before)
	})
}

// stoppedUntilDeleted: engines ask for the state after a failed start, and
// call delete.
func (s *scene) stoppedUntilDeleted() {
	s.t.Helper()
	if got := s.status(); got != "stopped" {
		s.t.Errorf("after the failure: %s", got)
	}
	if s.wrote("poststop") {
		s.t.Error("poststop was called before delete")
	}
	if r := s.Keg("delete", s.ID()); r.Code != 0 || r.Stderr != bothWarned {
		s.t.Errorf("delete: exit status %d: %s", r.Code, r.Stderr)
	}
	s.expect("poststop", "one\ntwo\n")
}

// A poststart hook that fails stops the container. runtime.md#lifecycle, 9
func TestFailureOfPoststart(t *testing.T) {
	failing := func(t *testing.T) *scene {
		s := marked(t)
		s.hook("poststart", "until [ -e $D/program ]; do sleep 0.01; done; exit 9")
		s.hook("poststart", "touch $D/next")
		return s
	}
	for _, flags := range [][]string{nil, {"-d"}, {"--keep"}} {
		t.Run(strings.Join(append([]string{"run"}, flags...), " "), func(t *testing.T) {
			s := failing(t)
			s.Write()
			before := kegtest.Leftovers()
			said := s.fails(append(append([]string{"run"}, flags...), "--bundle", s.Dir, s.ID())...)
			if want := bothWarned + "keg: hooks.poststart[0]: /bin/sh: exit status 9\n"; said != want {
				t.Errorf("keg said %swant %s", said, want)
			}
			os.Remove(filepath.Join(s.data, "program"))
			s.undone(before)
			s.expect("poststop", "one\ntwo\n")
		})
	}
	t.Run("start", func(t *testing.T) {
		s := failing(t)
		before := kegtest.Leftovers()
		s.keg(s.create()...)
		if said := s.fails("start", s.ID()); said != "keg: hooks.poststart[0]: /bin/sh: exit status 9\n" {
			t.Error(said)
		}
		s.stoppedUntilDeleted()
		os.Remove(filepath.Join(s.data, "program"))
		s.undone(before)
	})
}

// What fails for another reason calls the poststop hooks as well.
func TestPoststopOfFailedCreate(t *testing.T) {
	s := marked(t)
	s.Spec.Process.Args = []string{"/nowhere/program"}
	s.hook("prestart", "touch $D/prestart")
	before := kegtest.Leftovers()
	if said := s.fails(s.create()...); !strings.HasPrefix(said, bothWarned+"keg: process.args[0]: ") {
		t.Error(said)
	}
	s.undone(before)
	s.expect("poststop", "one\ntwo\n")
	if !s.wrote("prestart") {
		t.Error("the program was looked for before the hooks ran")
	}
}

// An id that is in use is another container's, and so are its hooks.
func TestNoPoststopOfOthers(t *testing.T) {
	s := marked(t)
	s.keg(s.create()...)
	s.fails(s.create()...)
	if s.wrote("poststop") {
		t.Error("poststop of a container that lives")
	}
	s.keg("delete", s.ID())
}

// The hooks are those of create: the bundle may change, or be gone.
func TestBundleIsGone(t *testing.T) {
	s := newScene(t, "true")
	out := filepath.Join(kegtest.TempDir(t), "out")
	*list(s.Spec.Hooks, "poststop") = nil
	s.hook("poststop", "pwd > "+out)
	s.keg(s.create()...)
	moved := s.Dir + "-moved"
	if err := os.Rename(s.Dir, moved); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(moved) })
	r := kegtest.Command(t, "", "--root", filepath.Join(moved, "state"), "delete", s.ID())
	if text, err := os.ReadFile(out); r.Code != 0 || string(text) != "/\n" {
		t.Errorf("delete: %s, poststop: %q, %v", r.Stderr, text, err)
	}
}

// Killed in the middle of a hook, keg leaves nothing that `delete -f` does not
// remove, the hook ends with keg, and the init by itself.
func TestKilledInHook(t *testing.T) {
	for _, kind := range []string{"prestart", "createContainer", "startContainer", "poststart"} {
		for _, command := range []string{"create", "run"} {
			if command == "create" && (kind == "startContainer" || kind == "poststart") {
				continue
			}
			t.Run(kind+" "+command, func(t *testing.T) {
				s := marked(t)
				s.hook(kind, "touch $D/begun; exec sleep 4322")
				s.Write()
				before := kegtest.Leftovers()
				cmd := start(t, s, command, nil)
				wait(t, filepath.Join(s.data, "begun"))
				cmd.Process.Kill()
				cmd.Wait()
				s.keg("delete", "-f", s.ID())
				os.Remove(filepath.Join(s.data, "begun"))
				os.Remove(filepath.Join(s.data, "program"))
				s.undone(before)
				s.expect("poststop", "one\ntwo\n")
			})
		}
	}
}

// A signal ends a hook that hangs, and the container with it.
func TestSignalInHook(t *testing.T) {
	for _, name := range []string{"run prestart", "run createContainer", "run startContainer", "create prestart", "create createContainer"} {
		t.Run(name, func(t *testing.T) {
			command, kind, _ := strings.Cut(name, " ")
			s := marked(t)
			s.hook("poststop", "sleep 0.5; echo three >> $D/poststop")
			s.hook(kind, "touch $D/begun; sleep 4326 & wait")
			s.Write()
			before := kegtest.Leftovers()
			var said bytes.Buffer
			cmd := start(t, s, command, &said)
			wait(t, filepath.Join(s.data, "begun"))
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
			if want := "keg: hooks." + kind + "[0]: /bin/sh: ended, as signal 2 (interrupt) came\n"; !strings.HasSuffix(said.String(), want) {
				t.Errorf("keg said %s", said.String())
			}
			s.undone(before)
			s.expect("poststop", "one\ntwo\nthree\n")
		})
	}
}

// What ends a create does not end the hooks that clear up after it. A signal that
// comes while one of those hangs does, and the next one is called.
func TestSignalInPoststopOfFailedCreate(t *testing.T) {
	for _, name := range []string{"create fails", "create hangs", "run fails"} {
		t.Run(name, func(t *testing.T) {
			command, how, _ := strings.Cut(name, " ")
			s := marked(t)
			s.hook("poststop", "touch $D/clears; sleep 4327 & wait")
			s.hook("poststop", "echo four >> $D/poststop")
			s.hook("prestart", map[string]string{"fails": "exit 1", "hangs": "touch $D/begun; sleep 4327 & wait"}[how])
			s.Write()
			before := kegtest.Leftovers()
			var said bytes.Buffer
			cmd := start(t, s, command, &said)
			stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
			defer stuck.Stop()
			if how == "hangs" {
				wait(t, filepath.Join(s.data, "begun"))
				cmd.Process.Signal(syscall.SIGTERM)
			}
			wait(t, filepath.Join(s.data, "clears"))
			cmd.Process.Signal(syscall.SIGTERM)
			cmd.Wait()
			if want := "keg: warning: hooks.poststop[2]: /bin/sh: ended, as signal 15 (terminated) came\n"; !strings.Contains(said.String(), want) || cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("status %d; keg said %s", cmd.ProcessState.ExitCode(), said.String())
			}
			s.undone(before)
			s.expect("poststop", "one\ntwo\nfour\n")
		})
	}
}

// A hook in the container's namespaces that takes too long is ended with its
// children, also where no pid namespace does that.
func TestTimeoutInContainer(t *testing.T) {
	for _, kind := range []string{"createContainer", "startContainer"} {
		t.Run(kind, func(t *testing.T) {
			s := marked(t)
			if os.Geteuid() == 0 {
				s.without(oci.PIDNamespace)
			}
			seconds := 2
			h := s.hook(kind, "trap '' TERM; echo MARK; (trap '' TERM; sleep 4323) & sleep 4323")
			h.Timeout = &seconds
			before := kegtest.Leftovers()
			began := time.Now()
			s.Write()
			said := s.fails("run", "--bundle", s.Dir, s.ID())
			if want := "keg: hooks." + kind + "[0]: /bin/sh: timed out after 2 s; it printed \"MARK\"\n"; !strings.HasSuffix(said, want) {
				t.Error(said)
			}
			if took := time.Since(began); took > time.Minute {
				t.Errorf("it took %v", took)
			}
			s.undone(before)
		})
	}
}

// The same where nothing else of the container ends with the hook.
func TestTimeoutInStart(t *testing.T) {
	kegtest.NeedRoot(t)
	s := marked(t)
	s.without(oci.PIDNamespace)
	seconds := 2
	s.hook("startContainer", "trap '' TERM; (trap '' TERM; exec sleep 4325) & echo $! > $D/child; wait").Timeout = &seconds
	before := kegtest.Leftovers()
	s.keg(s.create()...)
	s.fails("start", s.ID())
	child := strings.TrimSpace(s.got("child"))
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // what is killed takes a moment to die
		if stat, err := os.ReadFile("/proc/" + child + "/cmdline"); err != nil || len(stat) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s still runs", child)
		}
	}
	s.stoppedUntilDeleted()
	s.undone(before)
}

// without makes the container share a namespace with the host.
func (s *scene) without(kind oci.LinuxNamespaceType) {
	s.Spec.Linux.Namespaces = slices.DeleteFunc(s.Spec.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == kind })
}
