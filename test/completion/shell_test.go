package completion

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// shell answers what Tab offers at the end of a line, by its own completion.
type shell func(t *testing.T, line string) []string

// script is keg's completion for a shell, in a file.
func script(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		kegtest.Skip(t, "%v: test/setup installs it", err)
	}
	r := kegtest.Command(t, "", "completion", name)
	if r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	path := filepath.Join(t.TempDir(), "_keg")
	write(t, path, r.Stdout)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Ctrl-T replaces the word at the cursor by all that it can be completed to.
func bash(t *testing.T, dir string) shell {
	rc := filepath.Join(t.TempDir(), "rc")
	write(t, rc, "source "+script(t, "bash")+"\nbind 'set enable-bracketed-paste off' '\"\\C-t\": insert-completions'\nPS1='ready> '\n")
	return interactive(t, dir, "exec bash --noprofile --rcfile "+rc+" -i")
}

// zsh finds the script as a package installs it, in a directory of $fpath. It
// offers flags where no argument is left: that is its way.
func zsh(t *testing.T, dir string) shell {
	home := t.TempDir()
	write(t, filepath.Join(home, ".zshrc"), `unset zle_bracketed_paste
fpath=(`+filepath.Dir(script(t, "zsh"))+` $fpath)
autoload -Uz compinit && compinit -D -u
_all() { _main_complete; compstate[insert]=all }
zle -C all complete-word _all
bindkey -e
bindkey '^T' all
PS1='ready> '
`)
	tab := interactive(t, dir, "ZDOTDIR="+home+" exec zsh -d -i")
	return func(t *testing.T, line string) []string {
		return slices.DeleteFunc(tab(t, line), func(word string) bool {
			return strings.HasSuffix(line, " ") && strings.HasPrefix(word, "-")
		})
	}
}

// interactive is a shell on a terminal of its own.
func interactive(t *testing.T, dir, command string) shell {
	x := kegtest.OnTerminal(t, "sh", "-c", "cd "+dir+"; TERM=dumb; "+command)
	x.Resize(24, 1000)
	x.Wait("ready> ")
	n := 0
	return func(t *testing.T, line string) []string {
		t.Helper()
		n++
		// What is typed does not contain what is printed.
		x.Key(line + "\x14\x01printf '<%s>' \x05; echo done$((1000 + " + fmt.Sprint(n) + "))\r")
		end := fmt.Sprintf("done%d\r\n", 1000+n)
		x.Wait(end)
		out, _, _ := strings.Cut(x.Output(), end)
		printed := out[strings.LastIndex(out, "<keg>")+1:]
		words := strings.Split(strings.TrimSuffix(printed, ">"), "><")
		typed := strings.Split(line, " ")
		if strings.Join(words, " ") == strings.TrimSpace(line) {
			return nil
		}
		return words[len(typed)-1:]
	}
}

// fish tells what it offers, one a line, with a description behind a tab.
func fish(t *testing.T, dir string) shell {
	path := script(t, "fish")
	return func(t *testing.T, line string) []string {
		t.Helper()
		cmd := exec.Command("fish", "--no-config", "-c", "source "+path+"; complete -C "+"'"+line+"'")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var words []string
		for line := range strings.Lines(string(out)) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			words = append(words, word)
		}
		return words
	}
}

// alike takes out in what the shells differ: the order, the "=" or "/" behind
// a word that goes on, the flag in front of its value.
func alike(words []string) string {
	for i, w := range words {
		w = strings.TrimRight(w, "=/")
		words[i] = w[strings.LastIndexByte(w, '=')+1:]
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
