// Command recorder stands where an engine looks for its runtime: it writes down
// how it was called, and becomes the runtime. Beside it lie two links under its
// own name: NAME.real is the runtime, NAME.calls the directory for the records.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// call has the members of replay.Call, raw.
type call struct {
	Args  []string `json:"args"`
	Env   []string `json:"env"`
	Cwd   string   `json:"cwd"`
	FDs   []string `json:"fds"`
	Stdin string   `json:"stdin,omitempty"`
}

func main() {
	fds := descriptors() // before anything else opens some
	self, err := os.Readlink("/proc/self/exe")
	check(err)
	cwd, err := os.Getwd()
	check(err)
	c := call{Args: os.Args[1:], Env: os.Environ(), Cwd: cwd, FDs: fds}
	for _, arg := range os.Args {
		file, ok := strings.CutPrefix(arg, "--resources=")
		if arg == "-" || ok && file == "-" {
			c.Stdin = input()
		} else if ok {
			text, err := os.ReadFile(file)
			check(err)
			c.Stdin = string(text)
		}
	}
	data, err := json.Marshal(c)
	check(err)
	name := fmt.Sprintf("%s.calls/%d-%d", self, time.Now().UnixNano(), os.Getpid())
	check(os.WriteFile(name, data, 0o644))
	check(os.Rename(name, name+".json")) // whole: who calls may be killed meanwhile
	check(syscall.Exec(self+".real", os.Args, os.Environ()))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "recorder:", err)
		os.Exit(1)
	}
}

// descriptors are those that the caller has left open, each with its kind. Go's
// own are closed by execve.
func descriptors() []string {
	var list []string
	for fd := range 64 {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		if errno == 0 && flags&syscall.FD_CLOEXEC == 0 {
			list = append(list, strconv.Itoa(fd)+" "+kind(fd))
		}
	}
	return list
}

func kind(fd int) string {
	buf := make([]byte, 4096)
	n, err := syscall.Readlink("/proc/self/fd/"+strconv.Itoa(fd), buf)
	if err != nil {
		return "?"
	}
	target := string(buf[:n])
	if name, _, ok := strings.Cut(target, ":"); ok && !strings.HasPrefix(target, "/") {
		return name // pipe, socket, anon_inode
	}
	switch {
	case target == "/dev/null":
		return "null"
	case strings.HasPrefix(target, "/dev/pts/"):
		return "tty"
	}
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil {
		return "?"
	}
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return "file"
	case syscall.S_IFIFO:
		return "fifo"
	case syscall.S_IFDIR:
		return "directory"
	}
	return "?"
}

// input reads standard input to its end, and puts a file in its place.
func input() string {
	var text []byte
	buf := make([]byte, 4096)
	for {
		n, err := syscall.Read(0, buf)
		if n <= 0 || err != nil {
			break
		}
		text = append(text, buf[:n]...)
	}
	f, err := os.CreateTemp("", "recorder")
	check(err)
	check(os.Remove(f.Name()))
	_, err = f.Write(text)
	check(err)
	_, err = f.Seek(0, 0)
	check(err)
	check(syscall.Dup3(int(f.Fd()), 0, 0))
	return string(text)
}
