// Package manual has keg's manual pages read by the programs that show them.
//
// What stands in them is tested where they are made, in cmd/keg.
package manual

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

func pages(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	if r := kegtest.Command(t, "", "manual", "--all", dir); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	files, err := filepath.Glob(dir + "/*.1")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	return files
}

// Neither groff, which most systems have, nor mandoc finds anything to warn of.
func TestPagesAreClean(t *testing.T) {
	for _, command := range []string{"groff -ww -man -Tutf8 -z", "mandoc -Tlint -Wwarning"} {
		words := strings.Fields(command)
		if _, err := exec.LookPath(words[0]); err != nil {
			kegtest.Skip(t, "%v: test/setup installs it", err)
		}
		cmd := exec.Command(words[0], append(words[1:], pages(t)...)...)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// What a reader sees can be copied: plain hyphens and quotes, examples as they are.
func TestPageAsShown(t *testing.T) {
	for _, page := range pages(t) {
		if filepath.Base(page) != "keg-exec.1" {
			continue
		}
		out, err := exec.Command("mandoc", "-Tascii", page).Output()
		if err != nil {
			t.Fatal(err)
		}
		text := plain(string(out))
		for _, want := range []string{"\n           keg exec -u 1000:1000 -w /srv -e A=1 mybox sh -c 'id; pwd'\n", "-p, --process FILE\n", "2001-09-09"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
		return
	}
	t.Error("no page keg-exec.1")
}

// plain takes out what makes letters bold on a typewriter.
func plain(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if text[i] == '\b' || i+1 < len(text) && text[i+1] == '\b' {
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
