package systemd

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/keg-project/keg/dbus"
)

// wait waits for the end of a job.
func (m *Manager) wait(job, name string) error {
	deadline := time.Now().Add(jobTimeout)
	for {
		for _, s := range m.conn.signals {
			if s.Text(1) != job { // JobRemoved: id, job, unit, result
				continue
			}
			m.conn.signals = nil
			if result := s.Text(3); result != "done" {
				return fmt.Errorf("systemd: the job for %s ended: %s (hint: systemctl status %s)", name, result, name)
			}
			return nil
		}
		m.conn.signals = nil
		s, err := m.conn.receive(deadline)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("systemd has not ended the job for %s within %v: %w", name, jobTimeout, err)
		}
		if err != nil {
			return err
		}
		if s.Kind == dbus.Signal {
			m.conn.keep(s)
		}
	}
}
