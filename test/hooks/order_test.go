package hooks

import (
	"strings"
	"testing"
)

const inOrder = "prestart\ncreateRuntime\ncreateContainer\nstartContainer\nprogram\npoststart\npoststop\n"

// orderScene logs the names of hooks and program. The program waits for the
// poststart hook: the two are not ordered.
func orderScene(t *testing.T) *scene {
	s := newScene(t, "echo program >> /data/log; until [ -e /data/poststart ]; do sleep 0.01; done")
	for _, kind := range kinds {
		script := "echo " + kind + " >> $D/log"
		if kind == "poststart" {
			script = "until grep -q program $D/log; do sleep 0.01; done; " + script + "; touch $D/poststart"
		}
		s.hook(kind, script)
	}
	return s
}

func TestOrderOfRun(t *testing.T) {
	s := orderScene(t)
	s.Output()
	s.expect("log", inOrder)
	s.gone()
}

func TestOrderOfDetachedRun(t *testing.T) {
	s := orderScene(t)
	s.Write()
	s.keg("run", "-d", "--bundle", s.Dir, s.ID())
	s.expect("log", strings.TrimSuffix(inOrder, "poststop\n"))
	s.await()
	s.keg("delete", s.ID())
	s.expect("log", inOrder)
	s.gone()
}

func TestOrderOfLife(t *testing.T) {
	s := orderScene(t)
	s.keg(s.create()...)
	s.expect("log", "prestart\ncreateRuntime\ncreateContainer\n")
	if got := s.status(); got != "created" {
		t.Error(got)
	}
	s.keg("start", s.ID())
	s.expect("log", strings.TrimSuffix(inOrder, "poststop\n"))
	s.await()
	s.keg("delete", s.ID())
	s.expect("log", inOrder)
	s.gone()
}

// Of several hooks each is called, in the listed order, also with `delete -f`
// of a container that was never started.
func TestSeveral(t *testing.T) {
	s := newScene(t, "true")
	for _, kind := range []string{"poststop", "createContainer", "createRuntime", "prestart"} {
		for _, n := range []string{"1", "2", "3"} {
			s.hook(kind, "echo "+kind+n+" >> $D/log")
		}
	}
	s.keg(s.create()...)
	s.keg("delete", "-f", s.ID())
	want := ""
	for _, kind := range []string{"prestart", "createRuntime", "createContainer", "poststop"} {
		want += kind + "1\n" + kind + "2\n" + kind + "3\n"
	}
	s.expect("log", want)
}

// --keep keeps the container, and poststop is for its deletion.
func TestKept(t *testing.T) {
	s := newScene(t, "true")
	s.hook("poststop", "echo poststop >> $D/log")
	s.Output("--keep")
	if s.wrote("log") {
		t.Error("poststop ran before delete")
	}
	s.keg("delete", s.ID())
	s.expect("log", "poststop\n")
}
