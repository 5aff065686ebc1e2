// Command gen writes the tables of system calls of package seccomp, from the
// numbers in golang.org/x/sys/unix and, where those say nothing, from the few
// that are written down here.
//
// It is no part of keg's binary.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run("names_gen.go"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// table is the numbers of one architecture by name.
type table map[string]int

func run(out string) error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		return err
	}
	tables := map[string]table{}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_*.go"))
	if err != nil || len(files) < 10 {
		return fmt.Errorf("golang.org/x/sys has %d tables: %w", len(files), err)
	}
	for _, path := range files { // those of other machines: their names are no typing errors
		_, arch, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".go"), "linux_")
		if tables[arch], err = read(path); err != nil {
			return err
		}
	}
	correct(tables)
	tables["x32"] = x32(tables["amd64"])
	source, err := format.Source(write(tables))
	if err != nil {
		return err
	}
	return os.WriteFile(out, source, 0o644)
}

var constant = regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)`)

func read(path string) (table, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := table{}
	for _, m := range constant.FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, err
		}
		t[strings.ToLower(m[1])] = n
	}
	if len(t) < 300 {
		return nil, fmt.Errorf("%s: %d system calls", path, len(t))
	}
	return t, nil
}

// privateARM is as in names.go.
const privateARM = 0xfff0

// correct puts right what x/sys names otherwise than the kernel does.
func correct(tables map[string]table) {
	arm, arm64, i386 := tables["arm"], tables["arm64"], tables["386"]
	delete(arm, "syscall_mask") // no calls, but marks in the list
	delete(arm64, "arch_specific_syscall")
	arm["sync_file_range2"] = arm["arm_sync_file_range"] // one call, two names
	for i, name := range []string{"breakpoint", "cacheflush", "usr26", "usr32", "set_tls", "get_tls"} {
		arm[name] = privateARM + i + 1 // arch/arm/include/uapi/asm/unistd.h: 0x0f0001 on
	}
	for name := range multiplexed {
		if _, direct := i386[name]; !direct {
			i386[name] = -1 // a name that is known, without a number of its own
		}
	}
}

// multiplexed calls of 386 are also reached through socketcall and ipc.
var multiplexed = map[string]bool{"accept": true, "send": true, "recv": true, "semop": true, "semtimedop": true}

// x32 has the numbers of amd64, but for those of calls whose arguments hold
// pointers or longs in memory. arch/x86/entry/syscalls/syscall_64.tbl; the
// list is closed: new calls have one number for both.
func x32(amd64 table) table {
	t := table{}
	for name, n := range amd64 {
		t[name] = n
	}
	for _, name := range strings.Fields(only64) {
		delete(t, name)
	}
	for i, name := range strings.Fields(special) {
		t[name] = 512 + i
	}
	return t
}

const (
	only64 = `uselib _sysctl create_module get_kernel_syms query_module nfsservctl set_thread_area get_thread_area
		epoll_ctl_old epoll_wait_old vserver uretprobe uprobe map_shadow_stack`
	special = `rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending
		rt_sigtimedwait rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list
		get_robust_list vmsplice move_pages preadv pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv
		process_vm_writev setsockopt getsockopt io_setup io_submit execveat preadv2 pwritev2`
)

// hot are the calls that programs make most, with how often out of a thousand,
// roughly: what the search in a filter is weighed by.
var hot = map[string]int{
	"read": 120, "write": 100, "futex": 120, "epoll_wait": 60, "epoll_pwait": 60, "recvfrom": 40, "sendto": 40,
	"close": 45, "openat": 40, "newfstatat": 40, "fstat": 30, "fstat64": 30, "mmap": 40, "mmap2": 40, "mprotect": 25, "munmap": 20,
	"brk": 15, "poll": 25, "ppoll": 10, "lseek": 15, "ioctl": 15, "rt_sigaction": 25, "rt_sigprocmask": 25,
	"pread64": 20, "pwrite64": 10, "readv": 10, "writev": 20, "recvmsg": 15, "sendmsg": 15, "accept4": 8, "epoll_ctl": 12,
	"nanosleep": 5, "clock_nanosleep": 8, "fcntl": 12, "fcntl64": 12, "getpid": 8, "gettid": 5, "madvise": 8, "stat": 10, "lstat": 8,
	"access": 5, "faccessat2": 3, "getdents64": 5, "readlink": 4, "statx": 10, "set_robust_list": 2, "clone": 3, "clone3": 2,
	"wait4": 5, "execve": 2, "prlimit64": 2, "rseq": 2, "getrandom": 3, "sched_yield": 5, "fdatasync": 3, "io_uring_enter": 5,
	"select": 4, "pselect6": 4, "socket": 3, "connect": 3, "unlink": 2, "tgkill": 2, "dup2": 2, "pipe2": 2, "getuid": 2,
}

func write(tables map[string]table) []byte {
	union := map[string]bool{}
	for _, t := range tables {
		for name := range t {
			union[name] = true
		}
	}
	names := make([]string, 0, len(union))
	for name := range union {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("// Code generated by seccomp/gen; DO NOT EDIT.\n\npackage seccomp\n\n")
	fmt.Fprintf(&b, "const callCount = %d\n\n// callNames are all names in order, one after the other.\nconst callNames = \"\" +\n", len(names))
	writeNames(&b, names)
	for _, arch := range []string{"amd64", "x32", "386", "arm64", "arm"} {
		column := make([]int, len(names))
		for i, name := range names {
			column[i] = 0xffff
			if n, ok := tables[arch][name]; ok {
				column[i] = n
			}
			if column[i] < 0 {
				column[i] = 0xfffe
			}
		}
		writeColumn(&b, "numbers"+strings.ToUpper(arch), column)
	}
	writeHot(&b, names)
	return b.Bytes()
}

func writeNames(b *bytes.Buffer, names []string) {
	offsets, at := []int{0}, 0
	for i, name := range names {
		if i%6 == 0 {
			b.WriteString("\t\"")
		}
		b.WriteString(name)
		if i%6 == 5 && i < len(names)-1 {
			b.WriteString("\" +\n")
		}
		at += len(name)
		offsets = append(offsets, at)
	}
	b.WriteString("\"\n\n// callOffsets say where each begins.\n")
	fmt.Fprintf(b, "var callOffsets = [callCount + 1]uint16{%s}\n\n", list(offsets))
}

func writeColumn(b *bytes.Buffer, name string, column []int) {
	fmt.Fprintf(b, "var %s = [callCount]uint16{%s}\n\n", name, list(column))
}

func writeHot(b *bytes.Buffer, names []string) {
	var pairs []int
	for i, name := range names {
		if w := hot[name]; w > 0 {
			pairs = append(pairs, i, w)
		}
	}
	fmt.Fprintf(b, "// hotCalls are indexes of names, each followed by its weight.\nvar hotCalls = [...]uint16{%s}\n", list(pairs))
}

func list(numbers []int) string {
	var s strings.Builder
	for i, n := range numbers {
		if i%16 == 0 {
			s.WriteByte('\n')
		}
		s.WriteString(strconv.Itoa(n) + ", ")
	}
	return s.String() + "\n"
}
