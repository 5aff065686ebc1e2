package state

import "strconv"

// SeccompState is what a seccomp agent gets with the listener of a filter that
// process pid has loaded. runtime-spec config-linux.md#containerprocessstate
func (s *State) SeccompState(status Status, pid int, metadata string) []byte {
	b := appendString([]byte(`{"ociVersion": `), s.OCIVersion)
	b = append(b, `, "fds": ["seccompFd"], "pid": `...)
	b = strconv.AppendInt(b, int64(pid), 10)
	if metadata != "" {
		b = appendString(append(b, `, "metadata": `...), metadata)
	}
	b = append(append(b, `, "state": `...), s.OCI(status, s.Pid)...)
	return append(b, '}')
}
