package doctor

import (
	"os"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// holdNamespace makes a user namespace with a process that holds it until end: it
// waits for the end of a file, by which keg's death would end it as well.
func holdNamespace(unmapped bool) (pid int, end func(), err error) {
	t := trial{namespaces: linux.CLONE_NEWUSER, unmapped: unmapped, write: func(b *program.Builder) {
		b.Add(op(program.Read, program.N(4), b.Zero(8, "never"), program.N(1)))
	}}
	_, linked, err := t.build(3)
	if err != nil {
		return 0, nil, err
	}
	image, err := executable(linked)
	if err != nil {
		return 0, nil, err
	}
	defer image.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return 0, nil, err
	}
	defer r.Close()
	if pid, err = t.start(image, r, r); err != nil {
		w.Close()
		return 0, nil, err
	}
	return pid, func() {
		w.Close()
		linux.Wait(pid)
	}, nil
}
