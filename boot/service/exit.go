package service

import (
	"strconv"
	"syscall"
	"time"

	"github.com/keg-project/keg/signame"
)

// Exit is how a service's process ended, or that it did not come to be.
type Exit struct {
	Code    *int      `json:"code,omitempty"`
	Signal  string    `json:"signal,omitempty"`
	Unknown bool      `json:"unknown,omitempty"` // it ended while nobody could see how
	Error   string    `json:"error,omitempty"`   // what keg says of it
	At      time.Time `json:"at"`
}

// exitOf is the end that wait(2) tells of.
func exitOf(status syscall.WaitStatus, at time.Time) Exit {
	if status.Signaled() {
		return Exit{Signal: signame.Of(status.Signal()), At: at}
	}
	code := status.ExitStatus()
	return Exit{Code: &code, At: at}
}

// good tells an end that is no failure.
func (e Exit) good() bool { return e.Code != nil && *e.Code == 0 && e.Error == "" }

func (e Exit) String() string {
	text := ""
	switch {
	case e.Code != nil:
		text = "exit " + strconv.Itoa(*e.Code)
	case e.Signal != "":
		text = e.Signal
	case e.Unknown:
		text = "end unknown"
	}
	switch {
	case e.Error == "":
		return text
	case text == "":
		return e.Error
	}
	return text + ": " + e.Error
}
