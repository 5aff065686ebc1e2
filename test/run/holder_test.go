package run

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// cloneFlag of the namespaces that clone(2) can make. A time namespace it
// cannot: its flag lies where clone takes the signal.
var cloneFlag = map[oci.LinuxNamespaceType]uintptr{
	oci.PIDNamespace: syscall.CLONE_NEWPID, oci.NetworkNamespace: syscall.CLONE_NEWNET,
	oci.MountNamespace: syscall.CLONE_NEWNS, oci.IPCNamespace: syscall.CLONE_NEWIPC,
	oci.UTSNamespace: syscall.CLONE_NEWUTS, oci.UserNamespace: syscall.CLONE_NEWUSER,
	oci.CgroupNamespace: syscall.CLONE_NEWCGROUP,
}

// nsFile is the name of a namespace's file below /proc/PID/ns.
var nsFile = map[oci.LinuxNamespaceType]string{
	oci.PIDNamespace: "pid", oci.NetworkNamespace: "net", oci.MountNamespace: "mnt", oci.IPCNamespace: "ipc",
	oci.UTSNamespace: "uts", oci.UserNamespace: "user", oci.CgroupNamespace: "cgroup", oci.TimeNamespace: "time",
}

// holder is a process in namespaces of its own, other than the container's.
type holder struct{ pid int }

// hold starts a process in new namespaces, which ends with the test.
func hold(t *testing.T, kinds ...oci.LinuxNamespaceType) holder {
	t.Helper()
	cmd := exec.Command("cat")
	attr := &syscall.SysProcAttr{}
	for _, kind := range kinds {
		attr.Cloneflags |= cloneFlag[kind]
	}
	if attr.Cloneflags&syscall.CLONE_NEWUSER != 0 {
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: hostID, Size: 65536}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: hostID, Size: 65536}}
		attr.GidMappingsEnableSetgroups = true
		attr.Credential = &syscall.Credential{}
	}
	cmd.SysProcAttr = attr
	return startHolder(t, cmd)
}

// holdTime starts a process whose children are in a time namespace with an
// offset.
func holdTime(t *testing.T, secs int) holder {
	t.Helper()
	return startHolder(t, exec.Command("unshare", "--time", "--monotonic", strconv.Itoa(secs), "cat"))
}

func startHolder(t *testing.T, cmd *exec.Cmd) holder {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	// It has its namespaces once it answers.
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return holder{cmd.Process.Pid}
}

// path is the file by which the holder's namespace is joined.
func (h holder) path(kind oci.LinuxNamespaceType) string {
	name := nsFile[kind]
	if kind == oci.TimeNamespace {
		name = "time_for_children"
	}
	return "/proc/" + strconv.Itoa(h.pid) + "/ns/" + name
}

// namespaceOf is a process's namespace: "pid:[4026531836]".
func namespaceOf(t *testing.T, pid string, kind oci.LinuxNamespaceType) string {
	t.Helper()
	return readLink(t, "/proc/"+pid+"/ns/"+nsFile[kind])
}

func readLink(t *testing.T, path string) string {
	t.Helper()
	link, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	return link
}
