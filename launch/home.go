package launch

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// maxPasswd bounds what is read of a container's passwd file.
const maxPasswd = 4 << 20

// homeOf is the user's home directory in a passwd file, "/" if it has none.
// passwd(5)
func homeOf(passwd *os.File, uid int) (string, error) {
	info, err := passwd.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "/", nil
	}
	// Through a link of the image it may be /proc/kmsg, and what is read of
	// that the machine's log never gets.
	if kernels, err := linux.OfKernel(passwd); kernels || err != nil {
		return "/", err
	}
	text, err := io.ReadAll(io.LimitReader(passwd, maxPasswd))
	if err != nil {
		return "", &os.PathError{Op: "read", Path: "/etc/passwd", Err: errors.Unwrap(err)}
	}
	want := []byte(strconv.Itoa(uid))
	for line := range bytes.Lines(text) {
		fields := bytes.Split(bytes.TrimRight(line, "\n"), []byte{':'})
		if len(fields) >= 6 && bytes.Equal(fields[2], want) && validHome(fields[5]) {
			return string(fields[5]), nil
		}
	}
	return "/", nil
}

// validHome: what is not an absolute path of reasonable length is no home.
func validHome(p []byte) bool {
	return len(p) > 0 && p[0] == '/' && len(p) < plan.HomeSize && bytes.IndexByte(p, 0) < 0
}
