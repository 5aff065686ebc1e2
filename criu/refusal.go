package criu

import (
	"fmt"
	"strings"
	"syscall"
)

// Refusal is CRIU's answer when it could not do what it was asked.
type Refusal struct {
	Message string
	Errno   syscall.Errno // 0: it does not say
	Log     Log           // of this request
}

// Error says what the log says or, where there is none, what CRIU has answered.
func (r *Refusal) Error() string {
	text := "CRIU has failed"
	switch {
	case len(r.Log.Lines) > 0:
		text = "CRIU: " + strings.Join(r.Log.Lines, "; ")
	case r.Message != "":
		text = strings.TrimSpace(r.Message)
	}
	if r.Errno != 0 && len(r.Log.Lines) == 0 {
		text += fmt.Sprintf(" (%v)", r.Errno)
	}
	if r.Log.Path != "" {
		text += "; see " + r.Log.Path
	}
	if hint := r.hint(); hint != "" {
		text += " (hint: " + hint + ")"
	}
	return text
}
