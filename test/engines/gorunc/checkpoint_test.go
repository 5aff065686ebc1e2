package gorunc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	runc "github.com/containerd/go-runc"
	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// TestCheckpoint has a container that no CRIU can save: the shim shows the first
// line of the error. What can be saved is test/checkpoint's.
func TestCheckpoint(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		c.bundle.Spec.Mounts = append(c.bundle.Spec.Mounts, oci.Mount{Destination: "/ram", Type: "ramfs", Source: "ramfs"})
		c.bundle.Write()
		c.running()
		opts := &runc.CheckpointOpts{
			ImagePath: filepath.Join(c.bundle.Dir, "images"), WorkDir: filepath.Join(c.bundle.Dir, "work"), AllowOpenTCP: true,
			AllowExternalUnixSockets: true, AllowTerminal: true, FileLocks: true, EmptyNamespaces: []string{"network"}, Cgroups: runc.Soft,
		}
		check(t, os.Mkdir(opts.WorkDir, 0o700))
		err := c.Checkpoint(t.Context(), c.id, opts, runc.LeaveRunning)
		wants(t, err, "CRIU: Error (")
		wants(t, err, "; see "+filepath.Join(opts.WorkDir, "dump.log")+" (hint: ")
		c.await("running")
		check(t, c.Exec(t.Context(), c.id, process("true"), nil))
	})
}

// TestRestore has images that are none: go-runc has the exit status, and the
// reason is in the log, which the shim reads.
func TestRestore(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		c := newClient(t, name, "sleep", "1000")
		opts := &runc.RestoreOpts{
			CheckpointOpts: runc.CheckpointOpts{ImagePath: filepath.Join(c.bundle.Dir, "images"), WorkDir: c.bundle.Dir},
			IO:             newPipes(t), Detach: true, NoSubreaper: true, NoPivot: true, PidFile: filepath.Join(c.bundle.Dir, "pid"),
		}
		c.fails(opts, "--image-path: open "+opts.ImagePath)
		check(t, os.Mkdir(opts.ImagePath, 0o700))
		opts.IO = newPipes(t)
		c.fails(opts, "CRIU: Error (")
		_, err := c.State(t.Context(), c.id)
		wants(t, err, "does not exist")
	})
}

// fails restores, and has this reason in the log.
func (c *client) fails(opts *runc.RestoreOpts, reason string) {
	c.t.Helper()
	status, err := c.Restore(c.t.Context(), c.id, c.bundle.Dir, opts)
	wants(c.t, err, "did not terminate successfully: exit status 1")
	if status != 1 {
		c.t.Errorf("status %d", status)
	}
	log, _ := os.ReadFile(c.Log)
	if !strings.Contains(string(log), reason) {
		c.t.Errorf("no %q in the log\n%s", reason, log)
	}
}
