package doctor

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// place is a directory for what programs make that doctor only asks something:
// nothing of it is left, however keg ends. Where there are no namespaces to be
// had, it is one that end removes.
func place() (dir string, end func(), err error) {
	if dir, end, err = holdPlace(); err == nil {
		return dir, end, nil
	}
	return temporaryPlace()
}

// temporaryPlace is a directory that a shell makes, and removes when keg has ended,
// by itself or killed.
func temporaryPlace() (dir string, end func(), err error) {
	cmd := exec.Command("sh", "-c", `trap "" PIPE
		d=$(mktemp -d "${TMPDIR:-/tmp}/keg-doctor-XXXXXX") || exit
		echo "$d"
		read -r end
		rm -rf "$d" 2>/dev/null || { sleep 1; rm -rf "$d"; }`) // what a program makes until it is killed, too
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C is keg's
	alive, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	told, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	end = func() {
		alive.Close()
		cmd.Wait()
	}
	line, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		end()
		return "", nil, fmt.Errorf("mktemp: %w", err)
	}
	return strings.TrimSuffix(line, "\n"), end, nil
}

// holdPlace mounts a tmpfs where only a process of keg's has it, which ends with keg.
func holdPlace() (dir string, end func(), err error) {
	t := trial{namespaces: linux.CLONE_NEWNS, write: func(b *program.Builder) {
		mountTmpfs(b)
		b.Add(op(program.Close, program.N(3)))
		b.Add(op(program.Read, program.N(4), b.Zero(8, "never"), program.N(1)))
	}}
	if os.Geteuid() != 0 {
		t.namespaces |= linux.CLONE_NEWUSER
	}
	pid, report, end, err := t.hold()
	if err != nil {
		return "", nil, err
	}
	defer report.Close()
	if record, _ := io.ReadAll(report); len(record) > 0 { // else it has closed it, and goes on
		end()
		return "", nil, syscall.Errno(binary.NativeEndian.Uint32(append(record, make([]byte, 8)...)[4:]))
	}
	return "/proc/" + strconv.Itoa(pid) + "/root/proc", end, nil
}

// hold starts the process, which waits on descriptor 4 for an end: keg's would be one.
func (t trial) hold() (pid int, report *os.File, end func(), err error) {
	_, linked, err := t.build(3)
	if err != nil {
		return 0, nil, nil, err
	}
	image, err := executable(linked)
	if err != nil {
		return 0, nil, nil, err
	}
	defer image.Close()
	report, theirs, err := os.Pipe()
	if err != nil {
		return 0, nil, nil, err
	}
	defer theirs.Close()
	r, w, err := os.Pipe()
	if err == nil {
		defer r.Close()
		pid, err = t.start(image, theirs, r)
	}
	if err != nil {
		report.Close()
		w.Close()
		return 0, nil, nil, err
	}
	return pid, report, func() {
		w.Close()
		linux.Wait(pid)
	}, nil
}
