package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/initvm"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// Executable puts the image where it can be executed from: a sealed memfd or,
// where vm.memfd_noexec=2 forbids that, an unlinked file in the state
// directory that no one has open for writing.
func Executable(p *program.Linked, dir *os.File) (*os.File, error) {
	image := initvm.Image(p)
	f, err := linux.SealedMemfd("init", image)
	if !errors.Is(err, syscall.EACCES) {
		return f, err
	}
	f, err = unlinked(dir, image)
	if err != nil {
		return nil, fmt.Errorf("vm.memfd_noexec=2 forbids executable memfds, and the state directory cannot hold one instead: %w (hint: sysctl vm.memfd_noexec=1)", err)
	}
	return f, nil
}

// unlinked makes a read-only file without a name.
func unlinked(dir *os.File, content []byte) (*os.File, error) {
	const name = "init"
	path := linux.SelfFD(dir) + "/" + name
	if err := os.WriteFile(path, content, 0o500); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	return f, errors.Join(err, os.Remove(path))
}
