// Package completion presses Tab in real shells.
package completion

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// containers are one in each status that a user without cgroups can bring
// about, named by it.
func containers(t *testing.T) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sleep", "1000")
	b.Spec.Linux.Resources = nil
	b.Write()
	t.Cleanup(func() {
		for _, status := range []string{"created", "running", "stopped"} {
			b.Keg("delete", "--force", b.ID()+"-"+status)
		}
	})
	for _, args := range []string{"create --bundle DIR ID-created", "run --detach --bundle DIR ID-running",
		"create --bundle DIR ID-stopped", "kill ID-stopped KILL"} {
		args = strings.NewReplacer("DIR", b.Dir, "ID", b.ID()).Replace(args)
		if r := b.Keg(strings.Fields(args)...); r.Code != 0 {
			t.Fatalf("%s: %s", args, r.Stderr)
		}
	}
	for range 6000 {
		if strings.Contains(b.Keg("state", b.ID()+"-stopped").Stdout, `"stopped"`) {
			return b
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("a container lives on after SIGKILL")
	return nil
}

func TestTab(t *testing.T) {
	t.Setenv("PATH", filepath.Dir(kegtest.Keg(t))+":"+os.Getenv("PATH"))
	b := containers(t)
	dir := filepath.Join(b.Dir, "cwd")
	for _, d := range []string{"bundle-one", "bundle-two"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "bundle.json"), "{}")
	for name, start := range map[string]func(*testing.T, string) shell{"bash": bash, "zsh": zsh, "fish": fish} {
		t.Run(name, func(t *testing.T) {
			tab := start(t, dir)
			names := strings.NewReplacer("ROOT", b.Root, "ID", b.ID())
			for _, tt := range tabs {
				line, want := names.Replace(tt.line), names.Replace(tt.want)
				if got := alike(tab(t, line)); got != want {
					t.Errorf("%s: %q, want %q", tt.line, got, want)
				}
			}
		})
	}
}

var tabs = []struct{ line, want string }{
	{"keg st", "start state"},
	{"keg --debug --root ROOT st", "start state"},
	{"keg --root=ROOT st", "start state"},
	{"keg --log-f", "--log-format"},
	{"keg --log-format ", "json text"},
	{"keg --log-format=", "json text"},
	{"keg --log-format=t", "text"},
	{"keg kill --a", "--all"},
	{"keg run --no-n", "--no-new-keyring"},
	{"keg list --format j", "json"},
	{"keg list -f t", "table"},
	{"keg completion ", "bash fish zsh"},
	{"keg help vers", "version"},
	{"keg nosuchcommand ", ""},
	{"keg list ", ""},
	{"keg create ", ""},
	// Commands of a group, with flags of their own.
	{"keg boo", "boot"},
	{"keg boot vo", "volumes"},
	{"keg --debug boot onbo", "onboot"},
	{"keg boot onboot --str", "--strict"},
	{"keg boot volumes --dir bun", "bundle-one bundle-two"},
	{"keg boot volumes ", ""},
	{"keg boot boot ", ""},
	{"keg boot logs logs ", ""},
	{"keg help boot o", "onboot onshutdown"},
	{"keg --debug help boot onb", "onboot"},
	{"keg manual boot mod", "modprobe"},
	{"keg manual --all bun", "bundle-one bundle-two"},
	{"keg manual boot --al", "--all"},
	{"keg help run ", ""},
	{"keg help boot status ", ""},
	// Containers, by what the command can do to them.
	{"keg --root ROOT start ", "ID-created"},
	{"keg --root=ROOT pause ", "ID-created ID-running"},
	{"keg --root ROOT resume ", ""},
	{"keg --root ROOT kill ", "ID-created ID-running"},
	{"keg --root ROOT kill ID-running US", "USR1 USR2"},
	{"keg --root ROOT kill ID-running TERM ", ""},
	{"keg --root ROOT delete ID-stopped ID-", "ID-created ID-running ID-stopped"},
	{"keg --root ROOT state ID-s", "ID-stopped"},
	{"keg --root ROOT state ID-stopped ", ""},
	// The value of a flag is no argument, whatever it consists of.
	{"keg --root ROOT exec --user 1:2 ", "ID-created ID-running"},
	{"keg --root ROOT exec -u 1:2 -e A=b:c --tty ", "ID-created ID-running"},
	{"keg --root ROOT update --cpu-idle ", "0 1"},
	{"keg --root ROOT update --cpu-idle 0 ID-r", "ID-running"},
	{"keg --root ROOT update --memory ", ""},
	// Files, and directories where only they will do.
	{"keg run --bundle bun", "bundle-one bundle-two"},
	{"keg run -b bundle-o", "bundle-one"},
	{"keg update --resources bundle", "bundle-one bundle-two bundle.json"},
	{"keg update -r bundle.", "bundle.json"},
	{"keg shell bundle-t", "bundle-two"},
	// Behind a container, exec has a command line of its own.
	{"keg --root ROOT exec ID-running cat --a", ""},
}
