package systemd

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// finish waits for the end of the job that a call's answer names.
func (m *Manager) finish(answer []any, name string) error {
	var job dbus.ObjectPath
	if err := dbus.Store(answer, &job); err != nil {
		return fmt.Errorf("systemd has not said which job %s has: %w", name, err)
	}
	timeout := time.After(jobTimeout)
	for {
		select {
		case s, ok := <-m.signals:
			if !ok {
				return errors.New("systemd has closed the connection before it ended the job for " + name)
			}
			if result, ok := removed(s, job); ok {
				return ended(name, result)
			}
		case <-timeout:
			return fmt.Errorf("systemd has not ended the job for %s within %v: %w", name, jobTimeout, os.ErrDeadlineExceeded)
		}
	}
}

// removed reads how a job ended, if the signal tells.
func removed(s *dbus.Signal, job dbus.ObjectPath) (result string, ok bool) {
	if s.Name != managerInterface+".JobRemoved" {
		return "", false
	}
	var id uint32
	var ended dbus.ObjectPath
	var unit string
	err := dbus.Store(s.Body, &id, &ended, &unit, &result)
	return result, err == nil && ended == job
}

func ended(name, result string) error {
	if result != "done" {
		return fmt.Errorf("systemd: the job for %s ended: %s (hint: systemctl status %s)", name, result, name)
	}
	return nil
}
