package doctor

import (
	"os"
	"os/exec"
)

// look finds a program in PATH.
func look(name string) (string, error) { return exec.LookPath(name) }

// lookInSystem finds a program of root's, too: an ordinary user's PATH often
// lacks its directories.
func lookInSystem(name string) (string, error) {
	path, err := look(name)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		if fi, missing := os.Stat(dir + "/" + name); missing == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return dir + "/" + name, nil
		}
	}
	return "", err
}
