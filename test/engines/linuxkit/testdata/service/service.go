// Command service calls /usr/bin/runc as LinuxKit's service command does for the
// bundles below a directory, one after another, and prints what came of each.
// Unlike that one it deletes the containers in the end.
//
//	service [--debug] DIR
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// result is what came of a bundle; the test has the same.
type result struct {
	Name   string
	Failed string // the step that failed
	Exit   int    // of the container's program; 128+n for a signal
	Out    string
	Err    string
	Bound  bool // bindNS was possible
}

// runtimeJSON is what stands beside a config.json.
type runtimeJSON struct {
	Mounts []struct {
		Destination, Type, Source string
		Options                   []string
	}
	Mkdir  []string
	BindNS struct{ Net string }
}

func main() {
	var global []string
	if os.Args[1] == "--debug" {
		global = os.Args[1:2]
	}
	const setChildSubreaper = 36
	if _, _, errno := syscall.Syscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		panic(errno)
	}
	entries, err := os.ReadDir(os.Args[len(os.Args)-1])
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		bundle := filepath.Join(os.Args[len(os.Args)-1], e.Name())
		r := result{Name: e.Name()}
		if err := r.run(bundle, global); err != nil {
			r.Failed = err.Error()
		}
		if out, err := exec.Command("/usr/bin/runc", "delete", "--force", r.Name).CombinedOutput(); err != nil {
			r.Failed += "delete: " + string(out)
		}
		r.Out, r.Err = text(r.Name+".out.log"), text(r.Name+".log")
		json.NewEncoder(os.Stdout).Encode(r)
	}
}

const logs = "/run/log"

func text(name string) string {
	data, err := os.ReadFile(filepath.Join(logs, name))
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func (r *result) run(bundle string, global []string) error {
	var rt runtimeJSON
	if data, err := os.ReadFile(filepath.Join(bundle, "runtime.json")); err == nil {
		if err := json.Unmarshal(data, &rt); err != nil {
			return err
		}
	}
	if err := rt.prepare(); err != nil {
		return err
	}
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	stdout, err := os.Create(filepath.Join(logs, r.Name+".out.log"))
	if err != nil {
		return err
	}
	defer stdout.Close()
	stderr, err := os.Create(filepath.Join(logs, r.Name+".log"))
	if err != nil {
		return err
	}
	defer stderr.Close()
	runc := func(args ...string) error {
		cmd := exec.Command("/usr/bin/runc", args...)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", args, err)
		}
		return nil
	}
	pidFile := "/run/" + r.Name + ".pid"
	if err := runc(append(global, "create", "--bundle", bundle, "--pid-file", pidFile, r.Name)...); err != nil {
		return err
	}
	return r.start(runc, bundle, pidFile, rt.BindNS.Net)
}

func (r *result) start(runc func(...string) error, bundle, pidFile, net string) error {
	data, err := os.ReadFile(pidFile)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(string(data)) // a newline would be an error
	if err != nil {
		return err
	}
	if net != "" {
		if err := bind(fmt.Sprintf("/proc/%d/ns/net", pid), net); err != nil {
			return err
		}
		r.Bound = true
	}
	if err := runc("start", r.Name); err != nil {
		return err
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
		return fmt.Errorf("wait: %w", err) // not this process's child
	}
	if r.Exit = status.ExitStatus(); status.Signaled() {
		r.Exit = 128 + int(status.Signal())
	}
	syscall.Unmount(filepath.Join(bundle, "rootfs"), 0)
	return os.Remove(pidFile)
}

func bind(source, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		return err
	}
	return syscall.Mount(source, target, "", syscall.MS_BIND, "")
}

var flags = map[string]uintptr{
	"bind": syscall.MS_BIND, "rbind": syscall.MS_BIND | syscall.MS_REC, "ro": syscall.MS_RDONLY, "remount": syscall.MS_REMOUNT,
	"private": syscall.MS_PRIVATE, "rw": 0, "nosuid": syscall.MS_NOSUID, "nodev": syscall.MS_NODEV, "noexec": syscall.MS_NOEXEC,
}

func (rt *runtimeJSON) prepare() error {
	for _, m := range rt.Mounts {
		if err := os.MkdirAll(m.Destination, 0o755); err != nil {
			return err
		}
		var set uintptr
		var data []string
		for _, o := range m.Options {
			if flag, ok := flags[o]; ok {
				set |= flag
				continue
			}
			data = append(data, o)
			if name, dir, _ := strings.Cut(o, "="); name == "upperdir" || name == "workdir" {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
			}
		}
		if err := syscall.Mount(m.Source, m.Destination, m.Type, set, strings.Join(data, ",")); err != nil {
			return fmt.Errorf("mount %s: %w", m.Destination, err)
		}
	}
	for _, dir := range rt.Mkdir {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}
