package errors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// hook has a hook that a shell runs.
func hook(name, script string, put func(*oci.Hooks, []oci.Hook)) broken {
	seconds := 60
	if strings.HasPrefix(name, "timed out") {
		seconds = 3
	}
	return hookOf(name, put, func(*kegtest.Bundle) oci.Hook {
		return oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Timeout: &seconds}
	})
}

// hookFile has a hook that is a file in the bundle.
func hookFile(name, text string, mode os.FileMode) broken {
	c := hookOf(name, prestart, func(b *kegtest.Bundle) oci.Hook { return oci.Hook{Path: filepath.Join(b.Dir, "hook")} })
	inner := c.prepare
	c.prepare = func(t *testing.T, b *kegtest.Bundle) {
		inner(t, b)
		write(t, filepath.Join(b.Dir, "hook"), text, mode)
	}
	return c
}

func hookOf(name string, put func(*oci.Hooks, []oci.Hook), make func(*kegtest.Bundle) oci.Hook) broken {
	return broken{name: "hooks: " + name, prepare: func(_ *testing.T, b *kegtest.Bundle) {
		b.Spec.Hooks = &oci.Hooks{}
		put(b.Spec.Hooks, []oci.Hook{make(b)})
	}}
}

func prestart(h *oci.Hooks, list []oci.Hook) { h.Prestart = list } //nolint:staticcheck // deprecated, but in use

func createRuntime(h *oci.Hooks, list []oci.Hook) {
	h.CreateRuntime = append([]oci.Hook{{Path: "/bin/true"}}, list...)
}

func createContainer(h *oci.Hooks, list []oci.Hook) { h.CreateContainer = list }
func startContainer(h *oci.Hooks, list []oci.Hook)  { h.StartContainer = list }
func poststart(h *oci.Hooks, list []oci.Hook)       { h.Poststart = list }

func missing(*kegtest.Bundle) oci.Hook { return oci.Hook{Path: "/nowhere/hook"} }

// running is a case of `run`, which goes through the whole life.
func running(c broken) broken {
	c.args = []string{"run", "--bundle", "$BUNDLE", "$ID"}
	return c
}

func hookCases() []broken {
	return []broken{
		hookOf("missing", createRuntime, missing),
		hookOf("missing in the setup", createContainer, missing),
		running(hookOf("missing in the container", startContainer, missing)),
		hookFile("not executable", "#!/bin/sh\n", 0o644),
		hookFile("interpreter is missing", "#!/nowhere/sh\n", 0o755),
		hookFile("no program", "nonsense\n", 0o755),
		hookOf("a directory", prestart, func(b *kegtest.Bundle) oci.Hook { return oci.Hook{Path: b.Dir} }),
		hook("fails", "echo reading the state >&2; echo no such device; exit 3", createRuntime),
		hook("fails in the setup", "echo no such device; exit 4", createContainer),
		running(hook("fails in the container", "echo 'no \033[31mcache' >&2; exit 5", startContainer)),
		running(hook("fails after the start", "exit 6", poststart)),
		hook("killed", "kill -SEGV $$", prestart),
		hook("timed out", "echo connecting; sleep 1234 & sleep 1234", prestart),
		hook("timed out in the setup", "trap : TERM INT HUP; echo connecting; sleep 1234 & sleep 1234", createContainer),
		withOutput("/nowhere/log"),
	}
}

func withOutput(file string) broken {
	c := hook("output has no place", "true", prestart)
	inner := c.prepare
	c.prepare = func(t *testing.T, b *kegtest.Bundle) {
		inner(t, b)
		b.Spec.Annotations = map[string]string{"run.oci.hooks.stderr": file}
	}
	return c
}
