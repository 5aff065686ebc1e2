package terminal

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// mode is how the person's terminal is set: raw while the container has it.
type mode struct {
	cooked linux.Settings // as it was
	output bool           // the output is raw too
	isRaw  bool
	watch  *watch
}

// raw sets the terminal raw. In the background this stops keg, as any program
// that wants the terminal.
func (m *mode) raw(image func(*program.Linked) (*os.File, error)) error {
	if m.watch == nil {
		var err error
		if m.watch, err = watchOver(m.cooked, image); err != nil {
			return err
		}
	}
	m.isRaw = true
	return m.cooked.Raw(m.output).Apply(0)
}

// restore sets the terminal as it was.
func (m *mode) restore() error {
	if !m.isRaw {
		return nil
	}
	m.isRaw = false
	defer func() { m.watch = m.watch.dismiss() }()
	if linux.InBackground(0) {
		return nil // it is another job's by now
	}
	// Where it becomes one just now, keg would be stopped, and never end.
	unblock, err := linux.BlockSignal(syscall.SIGTTOU)
	if err != nil {
		return err
	}
	defer unblock()
	if err := m.cooked.Apply(0); !gone(err) { // its window was closed
		return err
	}
	return nil
}
