package doctor

import (
	"os"
	"os/exec"
)

// lookInSystem finds a program in PATH, or one of root's: an ordinary user's PATH
// often lacks their directories.
func lookInSystem(name string) (string, error) {
	path, err := exec.LookPath(name)
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
