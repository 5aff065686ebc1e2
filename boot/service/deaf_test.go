package service

import (
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestDispositionDefault(t *testing.T) {
	const term = "0000000000004000"
	none := "0000000000000000"
	for _, tt := range []struct {
		blocked, ignored, caught string
		want                     bool
	}{
		{none, none, none, true}, {term, none, none, false}, {none, term, none, false}, {none, none, term, false},
		{none, none, "0000000000002000", true}, {none, none, "x", false},
	} {
		status := "Name:\tSigCgt\nSigBlk:\t" + tt.blocked + "\nSigIgn:\t" + tt.ignored + "\nSigCgt:\t" + tt.caught + "\n"
		if got := dispositionDefault(linux.ProcStatus(status), syscall.SIGTERM); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	if dispositionDefault(nil, syscall.SIGTERM) {
		t.Error("nothing is known")
	}
}
