package launch

import (
	"os"

	"github.com/keg-project/keg/linux"
)

// stream is nil for keg's own descriptor, as it is. An engine that wants no output
// may have opened the null device for reading alone, as containerd's shim does, and
// every write of the program's would fail: then it is the null device, opened anew.
func (l *launching) stream(i int) (*os.File, error) {
	access, null := linux.NullDevice(i)
	if !null || access == os.O_RDWR || (access == os.O_RDONLY) == (i == 0) {
		return nil, nil
	}
	f, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if _, null := linux.NullDevice(int(f.Fd())); !null {
		f.Close()
		return nil, nil
	}
	l.close = append(l.close, f)
	return f, nil
}
