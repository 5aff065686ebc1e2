package doctor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// versionOf asks a program for its version. Some refuse a place by way of /proc (Podman
// and Buildah resolve links, and look for the owner of what is there then).
func versionOf(path string, patience time.Duration) string {
	version, err := askVersion(path, patience, place)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		version, err = askVersion(path, patience, temporaryPlace)
	}
	if err != nil {
		return "unknown version (" + err.Error() + ")"
	}
	return cmp.Or(version, "unknown version")
}

// askVersion waits as long as doctor does. Some make directories before they look at
// their arguments (Podman and Buildah for ordinary users): they get a place of their
// own for them.
func askVersion(path string, patience time.Duration, place func() (string, func(), error)) (string, error) {
	dir, end, err := place()
	if err != nil {
		return "", err
	}
	defer end()
	// The signal of a parent's death is that of the thread that was the parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with what it has started
	cmd.WaitDelay = patience                                                             // for what holds the pipe nevertheless
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	for _, name := range []string{"HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		cmd.Env = append(cmd.Env, name+"="+dir)
	}
	out, err := cmd.Output()
	if version := firstVersion(string(bytes.ToValidUTF8(out, nil))); version != "" {
		return version, nil
	}
	return "", err
}

// firstVersion is the first word that looks like one: "1.6.20~ds1",
// "v0.12.5", "20.10.24+dfsg1,".
func firstVersion(text string) string {
	for word := range strings.FieldsSeq(text) {
		plain := strings.TrimRight(strings.TrimPrefix(word, "v"), ",")
		if _, ok := parseRelease(plain); ok {
			return plain
		}
	}
	return ""
}
