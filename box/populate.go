package box

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// directories of a box, with the sticky bit where everybody may write.
var directories = []struct {
	path string
	mode os.FileMode
}{
	{"bin", 0o755}, {"sbin", 0o755}, {"usr", 0o755}, {"usr/bin", 0o755}, {"usr/sbin", 0o755},
	{"data", 0o755}, {"dev", 0o755}, {"etc", 0o755}, {"home", 0o755}, {"mnt", 0o755}, {"proc", 0o755},
	{"root", 0o700}, {"run", 0o755}, {"sys", 0o755}, {"tmp", 0o777 | os.ModeSticky},
	{"var", 0o755}, {"var/log", 0o755}, {"var/tmp", 0o777 | os.ModeSticky},
}

// populate makes the box in dir, which is empty.
func (b busybox) populate(dir string) error {
	if err := checkStatic(b.path); err != nil {
		return err
	}
	applets, err := b.applets()
	if err != nil {
		return err
	}
	if err := makeDirectories(dir); err != nil {
		return err
	}
	if err := copyProgram(b.path, filepath.Join(dir, "bin", "busybox")); err != nil {
		return err
	}
	if err := linkApplets(dir, applets); err != nil {
		return err
	}
	return writeEtc(dir)
}

func makeDirectories(dir string) error {
	for _, d := range directories {
		name := filepath.Join(dir, d.path)
		if err := os.Mkdir(name, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(name, d.mode); err != nil { // whatever the umask
			return err
		}
	}
	return nil
}

func copyProgram(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Chmod(0o755), out.Close())
}

// applets asks busybox for the paths of what it can be. `busybox --install`
// inside the box would need a container to make the container.
func (b busybox) applets() ([]string, error) {
	if out, err := b.list("--list-full"); err == nil {
		return appletPaths(out, ""), nil
	}
	out, err := b.list("--list") // a busybox without FEATURE_INSTALLER
	if err != nil {
		return nil, fmt.Errorf("busybox %s --list: %w", b.path, err)
	}
	return appletPaths(out, "bin/"), nil
}

func (b busybox) list(flag string) ([]byte, error) {
	cmd := exec.Command(b.path, flag)
	cmd.Args[0] = "busybox" // it chooses its applet by this name
	cmd.Env = []string{}
	return cmd.Output()
}

// appletPaths keeps what is one of the box's own directories and a plain name.
func appletPaths(out []byte, prefix string) []string {
	var paths []string
	for line := range bytes.Lines(out) {
		p := prefix + strings.TrimSpace(string(line))
		switch dir, name := path.Split(p); dir {
		case "bin/", "sbin/", "usr/bin/", "usr/sbin/":
			if name != "" && name != "." && name != ".." && name != "busybox" {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// linkApplets links relatively, so that a kept box is also right from outside.
func linkApplets(dir string, applets []string) error {
	if len(applets) == 0 {
		return errors.New("busybox --list: names no applet")
	}
	for _, a := range applets {
		target := strings.Repeat("../", strings.Count(a, "/")) + "bin/busybox"
		if path.Dir(a) == "bin" {
			target = "busybox"
		}
		err := os.Symlink(target, filepath.Join(dir, a))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
