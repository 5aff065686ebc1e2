package state

import "strconv"

// OCI is the state as the specification has it, for those who are told of the
// container in a moment of its life: as JSON on one line. A pid of 0 is left
// out. runtime-spec runtime.md#state
func (s *State) OCI(status Status, pid int) []byte {
	b := appendString([]byte(`{"ociVersion": `), s.OCIVersion)
	b = appendString(append(b, `, "id": `...), s.ID)
	b = appendString(append(b, `, "status": `...), string(status))
	if pid > 0 {
		b = strconv.AppendInt(append(b, `, "pid": `...), int64(pid), 10)
	}
	b = appendString(append(b, `, "bundle": `...), s.Bundle)
	if len(s.Annotations) > 0 {
		b = appendMap(append(b, `, "annotations": `...), s.Annotations)
	}
	return append(b, "}\n"...)
}
