package service

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
)

// unlogged has what keeps logs from being written, while it does: what is wrong
// with all of a directory is said once.
type unlogged struct {
	mu      sync.Mutex
	streams map[string]int // that each trouble is one of
}

// begins tells whether a trouble is new.
func (u *unlogged) begins(what string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.streams == nil {
		u.streams = map[string]int{}
	}
	u.streams[what]++
	return u.streams[what] == 1
}

func (u *unlogged) ends(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.streams[what]--; u.streams[what] == 0 {
		delete(u.streams, what)
	}
}

// logTrouble says what keeps a service's log from being written. It keeps no
// service from running: a machine without room for its logs is to be reached.
func (s *Supervisor) logTrouble(v *service, st *stream, trouble error, over bool) {
	what := troubleOf(st.file, trouble)
	switch {
	case over:
		s.unlogged.ends(what)
	case !s.unlogged.begins(what):
	case what == st.file:
		s.o.Say("service %s: %v: what it writes there is lost", v.name, trouble)
	default:
		s.o.Say("services: %v: what services write is lost, as long as nothing can be written to %s", trouble, filepath.Dir(st.file))
	}
}

// troubleOf is the file, or what is wrong with its directory or its disk.
func troubleOf(file string, trouble error) string {
	for _, errno := range [...]syscall.Errno{syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.ENOENT, syscall.ENOTDIR, syscall.EACCES} {
		if errors.Is(trouble, errno) {
			return fmt.Sprintf("%s: %v", filepath.Dir(file), errno)
		}
	}
	return file
}
