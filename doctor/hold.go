package doctor

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// holdNamespace makes a user namespace with a process that holds it until end.
func holdNamespace(unmapped bool) (pid int, end func(), err error) {
	t := trial{namespaces: linux.CLONE_NEWUSER, unmapped: unmapped, write: func(b *program.Builder) {
		b.Add(op(program.Read, program.N(4), b.Zero(8, "never"), program.N(1)))
	}}
	pid, report, end, err := t.hold()
	report.Close()
	return pid, end, err
}
