package systemd

// Stop ends a unit and all that is in it, and has systemd forget it. One that
// is gone already is fine.
func (m *Manager) Stop(name string) error {
	answer, err := m.manager("StopUnit", name, "replace")
	if hasName(err, noSuchUnit) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := m.finish(answer, name); err != nil {
		return err
	}
	if _, err := m.manager("ResetFailedUnit", name); err != nil && !hasName(err, noSuchUnit) {
		return err
	}
	return nil
}
