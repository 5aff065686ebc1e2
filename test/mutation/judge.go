package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// result of switching a defence off; err: it is not shown to be needed.
type result struct {
	err    error
	tests  []string // that failed, as they must
	output string
}

func (r *result) line(d *defence, verbose bool) string {
	if r.err != nil {
		return fmt.Sprintf("--- FAIL: %s: %s (%s)\n%v\n", d.row, d.name, d.file, r.err)
	}
	s := fmt.Sprintf("--- PASS: %s: %s (%s): without it %s\n", d.row, d.name, d.file, strings.Join(r.tests, ", "))
	if verbose {
		s += r.output
	}
	return s
}

// judge runs the defence's tests without it. Each that runs on this machine must
// fail, and say what it is there to say; one at least must run.
func (w *workshop) judge(d *defence, dir string) result {
	var r result
	for _, t := range d.tests {
		w.mu.Lock()
		_, skipped := w.skipped[t.bare()]
		w.mu.Unlock()
		if skipped {
			continue
		}
		binaries := dir
		if t.whole() {
			binaries = w.dir
		}
		var output string
		output, r.err = attempt(t, func() outcome { return w.runTest(t, binaries, filepath.Join(dir, "keg")) })
		r.output += output
		if r.err != nil {
			return r
		}
		r.tests = append(r.tests, t.name())
	}
	if len(r.tests) == 0 {
		r.err = errors.New("none of its tests runs on this machine")
	}
	return r
}

// attempts are for tests that race with what they attack: one that can fail proves it
// by failing once. One that hangs takes minutes.
const attempts = 5

// attempt runs a test until it fails as it must.
func attempt(t test, run func() outcome) (output string, err error) {
	for range attempts {
		o := run()
		output += o.output
		if err = o.verdict(t); err == nil || o.hung {
			break
		}
	}
	return output, err
}

// outcome of one run of a test.
type outcome struct {
	passed, hung bool
	output       string
}

// verdict is why the outcome does not show that the test fails without the
// defence: it passes, hangs, or fails for another reason.
func (o *outcome) verdict(t test) error {
	switch {
	case o.hung && !t.hang:
		return fmt.Errorf("%s hung without it:\n%s", t.name(), o.output)
	case o.passed:
		return fmt.Errorf("SURVIVED: %s passes without it:\n%s", t.name(), o.output)
	case !o.hung && !strings.Contains(o.output, "--- FAIL: "+t.function()):
		return fmt.Errorf("%s did not run without it:\n%s", t.name(), o.output)
	case !strings.Contains(o.output, t.says):
		return fmt.Errorf("%s fails without it, but does not say %q:\n%s", t.name(), t.says, o.output)
	}
	return nil
}

// limit is how long a test may take.
func (t test) limit() time.Duration {
	if t.hang {
		return 15 * time.Second
	}
	return 3 * time.Minute // some wait for a minute before they fail
}

// confined is run in namespaces: a keg without its defences may change device
// nodes and mounts, which must not be the machine's, and leave processes.
const confined = `set -e
mount --make-rprivate /
mount -t proc proc /proc
dev=$(mktemp -d)
mount -t tmpfs -o mode=755 dev $dev
for d in null zero full random urandom tty; do cp -a /dev/$d $dev/$d; done
for d in pts shm mqueue; do
	[ ! -d /dev/$d ] || { mkdir $dev/$d; mount --rbind /dev/$d $dev/$d; }
done
for l in fd stdin stdout stderr ptmx; do [ ! -L /dev/$l ] || cp -a /dev/$l $dev/$l; done
[ -e $dev/ptmx ] || ln -s pts/ptmx $dev/ptmx
mount --move $dev /dev
rmdir $dev
"$@"`

// runTest runs a test binary, with the keg that is to be tested.
func (w *workshop) runTest(t test, binaries, keg string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), t.limit()+10*time.Second)
	defer cancel()
	args := []string{filepath.Join(binaries, binary(t.pkg)), "-test.v", "-test.count=1", "-test.run=" + t.run, "-test.timeout=" + t.limit().String()}
	if t.user {
		args = append([]string{"setpriv", "--reuid", "kegtest", "--regid", "kegtest", "--init-groups", "--inh-caps=-all"}, args...)
	}
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", confined, "sh"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	cmd.WaitDelay = time.Second
	cmd.Dir = filepath.Join(w.root, t.pkg)
	cmd.Env = append(os.Environ(), "KEG="+keg, "KEG_MUST_RUN=", "KEG_TEST_PREFIX="+w.prefix())
	if t.user {
		cmd.Dir = w.dir // the checkout may lie where the user cannot look
		cmd.Env = append(cmd.Env, "HOME=/tmp", "XDG_RUNTIME_DIR=", "PATH="+os.Getenv("PATH"))
	}
	out, err := cmd.CombinedOutput()
	hung := ctx.Err() != nil || strings.Contains(string(out), "panic: test timed out")
	return outcome{err == nil, hung, string(out)}
}
