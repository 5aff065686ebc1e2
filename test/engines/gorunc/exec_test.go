package gorunc

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	runc "github.com/containerd/go-runc"
	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func process(args ...string) oci.Process {
	return oci.Process{Args: args, Env: []string{"PATH=/bin", "A=1"}, Cwd: "/tmp", User: oci.User{UID: 1000, GID: 1000}}
}

func TestExec(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		pipes, started := newPipes(t), make(chan int, 1)
		err := c.Exec(t.Context(), c.id, process("sh", "-c", "cat; id -u; pwd; echo $A; exit 3"),
			&runc.ExecOpts{IO: withInput(t, pipes, "typed\n"), Started: started, LogFile: filepath.Join(c.bundle.Dir, "exec.json")})
		var exit *runc.ExitError
		if !errors.As(err, &exit) || exit.Status != 3 || <-started == 0 {
			t.Errorf("%v, want exit status 3", err)
		}
		if got := output(t, pipes.Stdout()); got != "typed\n1000\n/tmp\n1\n" {
			t.Errorf("it wrote %q", got)
		}
		wants(t, c.Exec(t.Context(), c.id, process("no-such-program"), nil), "executable file not found in $PATH")
		// Without streams, what it writes is part of the error.
		wants(t, c.Exec(t.Context(), c.id, process("sh", "-c", "echo why; false"), nil), "why")
	})
}

// withInput has text waiting at standard input.
func withInput(t *testing.T, pipes runc.IO, text string) runc.IO {
	t.Helper()
	_, err := io.WriteString(pipes.Stdin(), text)
	check(t, err)
	check(t, pipes.Stdin().Close())
	return pipes
}

func TestExecDetached(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		socket, err := runc.NewTempPidfdSocket()
		check(t, err)
		defer socket.Close()
		pidFile := filepath.Join(c.bundle.Dir, "exec.pid")
		pipes := newPipes(t)
		check(t, c.Exec(t.Context(), c.id, process("sleep", "1000"), &runc.ExecOpts{IO: pipes, Detach: true, PidFile: pidFile, PidfdSocket: socket}))
		pid, err := runc.ReadPidFile(pidFile)
		check(t, err)
		pidfd, err := socket.ReceivePidfd()
		check(t, err)
		defer pidfd.Close()
		pids, err := c.Ps(t.Context(), c.id)
		check(t, err)
		if len(pids) != 2 || pids[1] != pid && pids[0] != pid {
			t.Errorf("pids %v, in the file %d", pids, pid)
		}
		check(t, syscall.Kill(pid, syscall.SIGKILL))
		output(t, pipes.Stdout()) // its end is the process's
	})
}

func TestTerminal(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sh", "-c", "read x; echo got $x; stty size 2>/dev/null; sleep 1000")
		c.bundle.Spec.Process.Terminal = true
		c.bundle.Write()
		socket, err := runc.NewTempConsoleSocket()
		check(t, err)
		defer socket.Close()
		null, err := runc.NewNullIO()
		check(t, err)
		defer null.Close()
		check(t, c.Create(t.Context(), c.id, c.bundle.Dir, &runc.CreateOpts{IO: null, ConsoleSocket: socket}))
		console, err := socket.ReceiveMaster()
		check(t, err)
		defer console.Close()
		check(t, c.Start(t.Context(), c.id))
		_, err = console.Write([]byte("word\n"))
		check(t, err)
		var seen strings.Builder
		buf := make([]byte, 256)
		for !strings.Contains(seen.String(), "got word") {
			n, err := console.Read(buf)
			check(t, err)
			seen.Write(buf[:n])
		}
	})
}

func TestPreservedDescriptors(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sh", "-c", "cat <&3; cat <&4")
		var files []*os.File
		for _, text := range []string{"three\n", "four\n"} {
			r, w, err := os.Pipe()
			check(t, err)
			defer r.Close()
			_, err = w.WriteString(text)
			check(t, err)
			w.Close()
			files = append(files, r)
		}
		pipes := newPipes(t)
		_, err := c.Run(t.Context(), c.id, c.bundle.Dir, &runc.CreateOpts{IO: pipes, ExtraFiles: files})
		check(t, err)
		check(t, pipes.(runc.StartCloser).CloseAfterStart())
		if got := output(t, pipes.Stdout()); got != "three\nfour\n" {
			t.Errorf("it read %q", got)
		}
	})
}
