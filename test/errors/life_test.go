package errors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// after is a command on a container that was brought so far by others.
func after(name string, before string, args ...string) broken {
	return broken{name: name, args: args, exists: true, prepare: func(t *testing.T, b *kegtest.Bundle) {
		b.Spec.Process.Args = []string{"sleep", "60"}
		if strings.Contains(before, "stop") {
			b.Spec.Process.Args = []string{"true"}
		}
		b.Write()
		for _, command := range strings.Split(before, ", ") {
			args := []string{command, b.ID()}
			switch command {
			case "create":
				args = []string{"create", "--bundle", b.Dir, b.ID()}
			case "stop":
				stopped(t, b)
				continue
			}
			if r := b.Keg(args...); r.Code != 0 {
				t.Fatal(r.Stderr)
			}
		}
	}}
}

// stopped waits until the container has stopped.
func stopped(t *testing.T, b *kegtest.Bundle) {
	for range 10000 {
		if strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`) {
			return
		}
	}
	t.Fatal("the container does not stop")
}

// badProgram is found by create, and not executed by start.
func badProgram(c broken) broken {
	inner := c.prepare
	c.prepare = func(t *testing.T, b *kegtest.Bundle) {
		must(t, os.Remove(filepath.Join(b.Dir, "rootfs/bin/sleep"))) // a link to busybox
		write(t, filepath.Join(b.Dir, "rootfs/bin/sleep"), "no program\n", 0o755)
		inner(t, b)
	}
	return c
}

func lifeCases() []broken {
	create := []string{"create", "--bundle", "$BUNDLE", "$ID"}
	return []broken{
		after("id is in use", "create", create...),
		after("start twice", "create, start", "start", "$ID"),
		after("start of a stopped container", "create, start, stop", "start", "$ID"),
		after("kill of a stopped container", "create, start, stop", "kill", "$ID"),
		after("delete of a running container", "create, start", "delete", "$ID"),
		after("unknown signal", "create", "kill", "$ID", "SIGNONE"),
		badProgram(after("start of what cannot be executed", "create", "start", "$ID")),
		{name: "start of an unknown id", args: []string{"start", "$ID"}},
		{name: "state of an unknown id", args: []string{"state", "$ID"}},
		{name: "delete of an unknown id", args: []string{"delete", "$ID"}},
		{name: "id is invalid", args: []string{"create", "--bundle", "$BUNDLE", "a/b"}},
		{name: "id begins with a dot", args: []string{"create", "--bundle", "$BUNDLE", "../x"}},
		{name: "id is empty", args: []string{"create", "--bundle", "$BUNDLE", ""}},
		{name: "id is too long", args: []string{"create", "--bundle", "$BUNDLE", strings.Repeat("x", 256)}},
	}
}
