package state

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
)

// On a full disk the error names file and cause, and nothing is left.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a small tmpfs")
	}
	cmd := self("full-disk", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
}

// fullDisk is for a process in a mount namespace of its own.
func fullDisk(root string) int {
	for _, tt := range []struct {
		options string
		try     func(root string) error
		want    string
	}{
		{"size=4k", writeLarge, "write " + root + "/box/config.json: no space left on device"},
		{"size=64k,nr_inodes=1", justCreate, "mkdir " + root + "/box: no space left on device"},
		{"size=64k,nr_inodes=2", writeState, "create " + root + "/box/state.json: no space left on device"},
		{"size=64k,nr_inodes=2", makeFIFO, "mkfifo " + root + "/box/start.fifo: no space left on device"},
	} {
		if err := onTmpfs(root, tt.options, tt.try, tt.want); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", tt.options, err)
			return 1
		}
	}
	return 0
}

func onTmpfs(root, options string, try func(string) error, want string) error {
	if err := syscall.Mount("none", root, "tmpfs", 0, options); err != nil {
		return err
	}
	defer syscall.Unmount(root, syscall.MNT_DETACH)
	err := try(root)
	if !errors.Is(err, syscall.ENOSPC) || err.Error() != want {
		return fmt.Errorf("error %w, want %s", err, want)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
		return fmt.Errorf("left %v, %w", left, err)
	}
	return nil
}

func justCreate(root string) error {
	_, err := Create(root, "box")
	return err
}

func writeLarge(root string) error {
	return withDir(root, func(d *Dir) error { return d.WriteConfig(make([]byte, 10_000)) })
}

func writeState(root string) error {
	return withDir(root, func(d *Dir) error { return d.Write(example) })
}

func makeFIFO(root string) error {
	return withDir(root, func(d *Dir) error { return d.MakeFIFO(StartFIFO) })
}

// withDir ends as create does that fails. What it tried must be gone before.
func withDir(root string, try func(d *Dir) error) error {
	d, err := Create(root, "box")
	if err != nil {
		return err
	}
	defer d.Close()
	err = try(d)
	if names, _ := d.names(); len(names) > 0 {
		return fmt.Errorf("left in it: %v", names)
	}
	if rerr := d.Remove(); rerr != nil {
		return rerr
	}
	return err
}
