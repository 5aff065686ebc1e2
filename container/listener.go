package container

import (
	"fmt"
	"os"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// listenerOf returns what sends the listener of a process's seccomp filter to
// the agent; nil where the profile has none.
func listenerOf(s *oci.Spec, st *state.State, status state.Status) func(*os.File, int) error {
	if s.Linux == nil || !plan.Notifies(s.Linux.Seccomp) {
		return nil
	}
	p := s.Linux.Seccomp
	return func(listener *os.File, pid int) error {
		return sendListener(listener, p.ListenerPath, st.SeccompState(status, pid, p.ListenerMetadata))
	}
}

// sendListener sends one state with one descriptor over a connection of its
// own. runtime-spec config-linux.md#seccomp, listenerPath
func sendListener(listener *os.File, path string, text []byte) error {
	agent, err := linux.DialUnix(path)
	if err != nil {
		return fmt.Errorf("linux.seccomp.listenerPath: %w (hint: a seccomp agent must listen there before the container is made)", err)
	}
	defer agent.Close()
	if err := linux.SendFileAll(agent, listener, text); err != nil {
		return fmt.Errorf("linux.seccomp.listenerPath: %w", err)
	}
	return nil
}
