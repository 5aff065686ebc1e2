package plan

import (
	"encoding/binary"
	"testing"

	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/spec"
)

// What the init reports is of a fixed length, and yet not to be trusted: no
// number in it leads out of the program (CVE-2021-43784).
func FuzzFailure(f *testing.F) {
	p, err := Compile(Input{Spec: spec.Default(false, 0, 0, true), ID: "box", Bundle: "/bundle", Host: hostFacts()})
	if err != nil {
		f.Fatal(err)
	}
	linked, err := p.Program.Link(p.SyncFD)
	if err != nil {
		f.Fatal(err)
	}
	for _, address := range []uint32{0, 1, 0x10000, ^uint32(0), ^uint32(0) - 111} {
		f.Add(address, uint32(2), []byte("#!/bin/sh\n"))
	}
	end := uint32(program.DataBase + len(linked.Image)) // where an op behind the last would lie
	for i := range uint32(3) {
		f.Add(end-i*program.OpSize, i, []byte(nil))
	}
	f.Fuzz(func(t *testing.T, address, errno uint32, head []byte) {
		record := binary.NativeEndian.AppendUint32(nil, address)
		record = binary.NativeEndian.AppendUint32(record, errno)
		if len(head) > 0 {
			head = append(head, make([]byte, HeadSize)...)[:HeadSize]
		}
		if err := p.Failure(linked, record, head); err == nil || err.Error() == "" {
			t.Errorf("op at %#x, errno %d: %v", address, errno, err)
		}
		if err := ExecFailure("/bin/sh", append(head, record...)); err == nil || err.Error() == "" {
			t.Errorf("errno %d: %v", errno, err)
		}
	})
}
