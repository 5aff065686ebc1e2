package kegtest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Result is what a keg command did.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Command runs keg with arguments and standard input.
func Command(t testing.TB, stdin string, args ...string) Result {
	t.Helper()
	cmd := exec.Command(Keg(t), args...)
	cmd.Stdin = strings.NewReader(stdin)
	return Finish(t, cmd)
}

// longest is how long a command may take.
var longest = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[Slow()]

// Finish runs a command to its end, at most a minute, on an emulated machine five.
func Finish(t testing.TB, cmd *exec.Cmd) Result {
	t.Helper()
	return FinishIn(t, longest, cmd)
}

// FinishIn kills the command after the time. Its output goes to files: a pipe would be
// held open by what the command leaves behind, such as the init of a created container.
func FinishIn(t testing.TB, most time.Duration, cmd *exec.Cmd) Result {
	t.Helper()
	stdout, stderr := outputFile(t), outputFile(t)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = 5 * time.Second
	must(t, cmd.Start())
	timer := time.AfterFunc(most, func() { cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Result{content(t, stdout), content(t, stderr), cmd.ProcessState.ExitCode()}
}

// outputFile has no name, so nothing is left of it.
func outputFile(t testing.TB) *os.File {
	t.Helper()
	f, err := os.CreateTemp("", "keg-test-out")
	must(t, err)
	must(t, os.Remove(f.Name()))
	return f
}

// content reads a file from its start and closes it.
func content(t testing.TB, f *os.File) string {
	t.Helper()
	defer f.Close()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
	must(t, err)
	return string(data)
}
