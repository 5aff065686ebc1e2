package run

import (
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// Below an init, a signal is for the program and not for what it has left to
// the init: in the background, and in a container that was created.
func TestKillReachesTheProgramBelowAnInit(t *testing.T) {
	const script = "(sleep 100 &); trap 'exit 3' USR1; echo up >/data/up; while :; do sleep 0.02; done"
	for _, create := range []bool{false, true} {
		b := kegtest.NewBundle(t, "sh", "-c", script)
		b.Spec.Annotations = map[string]string{"org.keg.init": "true"}
		b.Spec.Root.Readonly = false
		if create {
			b.Write()
			t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
			if r := b.Keg("create", "--bundle", b.Dir, b.ID()); r.Code != 0 {
				t.Fatalf("%+v", r)
			}
			if r := b.Keg("start", b.ID()); r.Code != 0 {
				t.Fatalf("%+v", r)
			}
		} else {
			started(t, b)
		}
		for range 3000 {
			if b.Keg("exec", b.ID(), "test", "-e", "/data/up").Code == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if r := b.Keg("kill", b.ID(), "USR1"); r.Code != 0 {
			t.Errorf("created: %v: %+v", create, r)
		}
		if !becomes(b, "stopped") {
			t.Errorf("created: %v: %s", create, b.Keg("state", b.ID()).Stdout)
		}
	}
}

// becomes waits for a status.
func becomes(b *kegtest.Bundle, status string) bool {
	for range 3000 {
		if strings.Contains(b.Keg("state", b.ID()).Stdout, `"status": "`+status+`"`) {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// KILL ends the container, and a created one, whose program is not there yet,
// takes it as well.
func TestKillAnInit(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	b.Spec.Annotations = map[string]string{"org.keg.init": "true"}
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("create", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, signal := range []string{"TERM", "KILL"} {
		if r := b.Keg("kill", b.ID(), signal); r.Code != 0 {
			t.Errorf("%s: %+v", signal, r)
		}
	}
	if !becomes(b, "stopped") {
		t.Error(b.Keg("state", b.ID()).Stdout)
	}
}
