package linux

import (
	"os"
	"strings"
	"testing"
)

func TestProcStatus(t *testing.T) {
	status := ProcStatus("Name:\tSeccomp: 7\nUid:\t1\t2\t3\t4\nNoNewPrivs:\t1\nSeccomp_filters:\t2\nSeccomp:\t0\nSigCgt:\t0000000180004a02\nSigIgn:\tx\n")
	for name, want := range map[string]string{
		"Name": "Seccomp: 7", "Uid": "1\t2\t3\t4", "Seccomp": "0", "Seccomp_filters": "2", "NoNewPrivs": "1", "SigBlk": "", "": "",
	} {
		if got := status.Field(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if bits, err := status.Bits("SigCgt"); bits != 0x180004a02 || err != nil {
		t.Errorf("%x, %v", bits, err)
	}
	for _, name := range []string{"SigIgn", "SigBlk"} {
		if bits, err := status.Bits(name); err == nil {
			t.Errorf("%s: %x, and no error", name, bits)
		}
	}
}

// A process cannot say anything else of itself by its name.
func TestProcStatusName(t *testing.T) {
	named(t, "\nState:\tZ\nx:")
	status, err := StatusOf(os.Getpid())
	if state := status.Field("State"); err != nil || state == "" || state[0] == 'Z' {
		t.Errorf("%q, %v in\n%s", state, err, status)
	}
	if name := status.Field("Name"); !strings.Contains(name, "State") {
		t.Errorf("the name is %q", name)
	}
	own, err := OwnStatus()
	if err != nil || own.Field("Tgid") != status.Field("Tgid") {
		t.Errorf("%v: %s, and not\n%s", err, own, status)
	}
	if _, err := StatusOf(-1); err == nil {
		t.Error("no process has a status")
	}
}

func TestInnerPid(t *testing.T) {
	pid, err := InnerPid(os.Getpid())
	if pid != os.Getpid() || err != nil {
		t.Errorf("%d, %v; want %d", pid, err, os.Getpid())
	}
}
