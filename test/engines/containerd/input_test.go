package containerd

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keg-project/keg/test/engines"
)

// input is what a client is given to read once it has opened the FIFOs of its
// container's output. It opens them beside its input: a program that ends before that
// would have written for nobody.
type input struct {
	client *exec.Cmd
	text   io.Reader
}

func (i input) Read(p []byte) (int, error) {
	for end := time.Now().Add(engines.Patience); time.Now().Before(end) && !i.listens(); {
		time.Sleep(5 * time.Millisecond)
	}
	return i.text.Read(p)
}

// listens tells whether the client has both FIFOs open, or is gone.
func (i input) listens() bool {
	dir := "/proc/" + strconv.Itoa(i.client.Process.Pid)
	open := map[string]bool{}
	fds, err := os.ReadDir(dir + "/fd")
	for _, fd := range fds {
		path, _ := os.Readlink(filepath.Join(dir, "fd", fd.Name()))
		info, _ := os.ReadFile(filepath.Join(dir, "fdinfo", fd.Name()))
		if _, kind, found := strings.Cut(filepath.Base(path), "-std"); found && !isPath(string(info)) {
			open[kind] = true
		}
	}
	return err != nil || open["out"] && open["err"]
}

// isPath tells by the octal flags of proc_pid_fdinfo(5) whether no more than a name is
// opened, as the client does at first.
func isPath(info string) bool {
	_, flags, _ := strings.Cut(info, "flags:\t")
	flags, _, _ = strings.Cut(flags, "\n")
	return len(flags) >= 8 && flags[len(flags)-8]&1 == 1 // O_PATH is 010000000
}
