package gorunc

import (
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	runc "github.com/containerd/go-runc"
)

func TestLifecycle(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sh", "-c", "echo hello; exec sleep 1000")
		c.bundle.Spec.Annotations = map[string]string{"org.example": "1"}
		c.bundle.Write()
		pidFile := filepath.Join(c.bundle.Dir, "pid")
		pipes := newPipes(t)
		check(t, c.Create(t.Context(), c.id, c.bundle.Dir, &runc.CreateOpts{IO: pipes, PidFile: pidFile, NoNewKeyring: true}))
		pid, err := runc.ReadPidFile(pidFile)
		check(t, err)
		c.is("created", pid)
		check(t, c.Start(t.Context(), c.id))
		c.is("running", pid)
		hello := make([]byte, len("hello\n"))
		_, err = io.ReadFull(pipes.Stdout(), hello)
		check(t, err)

		check(t, c.Kill(t.Context(), c.id, 9, &runc.KillOpts{All: true}))
		c.await("stopped")
		c.is("stopped", 0)
		if got := string(hello) + output(t, pipes.Stdout()); got != "hello\n" {
			t.Errorf("it wrote %q", got)
		}
		wants(t, c.Kill(t.Context(), c.id, 9, nil), "container not running")
		check(t, c.Delete(t.Context(), c.id, nil))
		_, err = c.State(t.Context(), c.id)
		wants(t, err, "does not exist")
		wants(t, c.Delete(t.Context(), c.id, nil), "does not exist")
		check(t, c.Delete(t.Context(), c.id, &runc.DeleteOpts{Force: true}))
	})
}

// is compares what State and List say.
func (c *client) is(status string, pid int) {
	c.t.Helper()
	state, err := c.State(c.t.Context(), c.id)
	check(c.t, err)
	list, err := c.List(c.t.Context())
	check(c.t, err)
	if len(list) != 1 {
		c.t.Fatalf("%d containers are listed", len(list))
	}
	for _, got := range []*runc.Container{state, list[0]} {
		if got.ID != c.id || got.Status != status || got.Pid != pid || got.Bundle != c.bundle.Dir ||
			got.Rootfs != filepath.Join(c.bundle.Dir, "rootfs") || got.Annotations["org.example"] != "1" || time.Since(got.Created) > time.Hour {
			c.t.Errorf("%+v, want status %s, pid %d", got, status, pid)
		}
	}
}

func TestPauseAndResume(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		check(t, c.Pause(t.Context(), c.id))
		c.await("paused")
		wants(t, c.Exec(t.Context(), c.id, process("true"), nil), "paused")
		check(t, c.Resume(t.Context(), c.id))
		c.await("running")
		wants(t, c.Resume(t.Context(), c.id), "not paused")
	})
}

func TestPsAndTop(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.running()
		state, err := c.State(t.Context(), c.id)
		check(t, err)
		pids, err := c.Ps(t.Context(), c.id)
		check(t, err)
		if !slices.Equal(pids, []int{state.Pid}) {
			t.Errorf("pids %v, want %d", pids, state.Pid)
		}
		for _, options := range []string{"-ef", "aux", "-eopid,args"} {
			top, err := c.Top(t.Context(), c.id, options)
			check(t, err)
			if !slices.Contains(top.Headers, "PID") || len(top.Processes) != 1 || !slices.Contains(top.Processes[0], "sleep 1000") {
				t.Errorf("%s: %+v", options, top)
			}
		}
	})
}

func TestRun(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		for _, tt := range []struct {
			script string
			want   int
		}{{"exit 7", 7}, {"sh -c 'kill -9 $$' 2>/dev/null; exit $?", 128 + 9}} {
			c := newClient(t, name, "sh", "-c", "echo out; echo err >&2; exec 2>/dev/null; "+tt.script)
			pipes, started := newPipes(t), make(chan int, 1)
			status, err := c.Run(t.Context(), c.id, c.bundle.Dir, &runc.CreateOpts{IO: pipes, Started: started, ExtraArgs: []string{"--keep"}})
			wants(t, err, "did not terminate successfully")
			if pid := <-started; status != tt.want || pid == 0 {
				t.Errorf("status %d, want %d; pid of the runtime %d", status, tt.want, pid)
			}
			check(t, pipes.(runc.StartCloser).CloseAfterStart())
			if out, err := output(t, pipes.Stdout()), output(t, pipes.Stderr()); out != "out\n" || err != "err\n" {
				t.Errorf("it wrote %q, %q", out, err)
			}
			c.await("stopped")
		}
	})
}

func TestVersion(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		v, err := newClient(t, name).Version(t.Context())
		check(t, err)
		// go-runc knows no other name, and then says nothing.
		if name == "runc" && (v.Runc == "" || v.Commit == "" || v.Spec == "") || name == "keg" && v != (runc.Version{}) {
			t.Errorf("%+v", v)
		}
	})
}

func TestFeatures(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		f, err := newClient(t, name).Features(t.Context())
		check(t, err)
		if !slices.Contains(f.MountOptions, "rro") || !*f.Linux.MountExtensions.IDMap.Enabled || !slices.Contains(f.Linux.Namespaces, "time") {
			t.Errorf("%+v", f)
		}
	})
}

func TestNoContainer(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name)
		for call, err := range map[string]error{
			"start": c.Start(t.Context(), c.id), "kill": c.Kill(t.Context(), c.id, 9, nil), "pause": c.Pause(t.Context(), c.id),
			"resume": c.Resume(t.Context(), c.id), "exec": c.Exec(t.Context(), c.id, process("true"), nil),
			"update": c.Update(t.Context(), c.id, limits(5)),
		} {
			if t.Run(call, func(t *testing.T) { wants(t, err, "does not exist") }); err == nil {
				t.Error(call)
			}
		}
		wants(t, c.Create(t.Context(), c.id, c.bundle.Dir+"/none", nil), "no such file or directory")
		c.bundle.Spec.Process.Args = []string{"no-such-program"}
		c.bundle.Write()
		wants(t, c.Create(t.Context(), c.id, c.bundle.Dir, nil), "executable file not found in $PATH")
	})
}
