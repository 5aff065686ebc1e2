package podman

import (
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func rootsHooks() []scenario {
	return []scenario{{Name: "--hooks-dir: hooks at each stage", Run: hooks}}
}

const hookFile = `{"version": "1.0.0", "when": {"always": true}, "stages": ["prestart", "createRuntime", "poststart", "poststop"],
	"hook": {"path": "/bin/sh", "args": ["sh", "-c", "echo $(cat | tr -d '\n' | grep -o '\"status\": *\"[a-z]*\"') >>DIR/hooks.log"]}}`

func hooks(t testing.TB, p *podman) {
	p.Write(t, "hooks/one.json", strings.ReplaceAll(hookFile, "DIR", p.Dir))
	r := p.do(t, "--hooks-dir", p.Path("hooks"), "run", "--rm", image, "echo", "ran")
	equal(t, "output", r, kegtest.Result{Stdout: "ran\n"})
	var log []byte
	within(t, "four hooks have run", func() bool {
		log, _ = os.ReadFile(p.Path("hooks.log"))
		return strings.Count(string(log), "\n") >= 4
	})
	for _, status := range []string{`"creating"`, `"stopped"`} {
		contains(t, "states", string(log), status)
	}
}
