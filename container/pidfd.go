package container

import (
	"fmt"
	"os"

	"github.com/keg-project/keg/linux"
)

// dialPidfdSocket connects to who wants a pidfd, before anything is made; nil
// where nobody does.
func dialPidfdSocket(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	socket, err := linux.DialUnix(path)
	if err != nil {
		return nil, fmt.Errorf("--pidfd-socket: %w (hint: an engine must listen there until it has got the pidfd)", err)
	}
	return socket, nil
}

// sendPidfd sends a process, which keg has not reaped, to the socket. The text
// is runc's, and tells a container's init from what joins it.
func sendPidfd(socket *os.File, pid int, text string) error {
	if socket == nil {
		return nil
	}
	fd, err := linux.PidfdOpen(pid)
	if err != nil {
		return err
	}
	pidfd := os.NewFile(uintptr(fd), "pidfd")
	defer pidfd.Close()
	if err := linux.SendFile(socket, pidfd, text); err != nil {
		return fmt.Errorf("--pidfd-socket: %w", err)
	}
	return nil
}
