package criu

import "strings"

// hints say what to do about the commonest words of CRIU's.
var hints = []struct{ word, hint string }{
	{"vDSO area bounds", "this CRIU is too old for this kernel: from Linux " + NewerKernel + " on it takes CRIU " + OldestNewer},
	{"vdso: Failed to fill", "this CRIU is too old for this kernel: a newer one knows its vDSO"},
	{"tcp_established", "--tcp-established saves connections as well, --tcp-close lets go of them"},
	{"tcp-established", "--tcp-established saves connections as well, --tcp-close lets go of them"},
	{"in-flight", "--tcp-skip-in-flight passes over connections that are being made"},
	{"file-locks", "--file-locks, if nobody outside of the container holds the locks"},
	{"file locks", "--file-locks, if nobody outside of the container holds the locks"},
	{"ext-unix-sk", "--ext-unix-sk, if the socket's other end, which is outside of the container, may be lost"},
	{"xternal socket", "--ext-unix-sk, if the socket's other end, which is outside of the container, may be lost"},
	{"shell-job", "--shell-job, with both checkpoint and restore"},
	{"shell job", "--shell-job, with both checkpoint and restore"},
	{"link-remap", "--link-remap: the container has an open file that has been removed"},
	{"link remap", "--link-remap: the container has an open file that has been removed"},
}

func (r *Refusal) hint() string {
	text := r.Message + strings.Join(r.Log.Lines, " ")
	for _, h := range hints {
		if strings.Contains(text, h.word) {
			return h.hint
		}
	}
	if r.Log.Path == "" {
		return ""
	}
	return "`criu check` tells what this kernel lacks; CRIU can save no program that uses it"
}
