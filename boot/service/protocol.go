package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Request is one line of JSON on the control socket, and its Answer another.
// A connection may have several, one after the other.
type Request struct {
	Op   Op     `json:"op"`
	Name string `json:"name,omitempty"`
}

// Op is what is asked for.
type Op string

// What can be asked for.
const (
	StatusOp  Op = "status" // without a name: of all
	StartOp   Op = "start"
	StopOp    Op = "stop"
	RestartOp Op = "restart"
	EndOp     Op = "end" // stop all and end: the answer comes last, and then the connection's end
)

// Answer tells how it went. The services are those that were asked about, as
// they are then.
type Answer struct {
	Error    string   `json:"error,omitempty"`
	Services []Status `json:"services,omitempty"`
}

// Status is what is told of a service.
type Status struct {
	Name     string    `json:"name"`
	Bundle   string    `json:"bundle,omitempty"`
	State    State     `json:"state"`
	Pid      int       `json:"pid,omitempty"`
	Since    time.Time `json:"since"` // that it is in this state
	Restarts int       `json:"restarts"`
	Last     *Exit     `json:"last_exit,omitempty"`
	Says     string    `json:"says,omitempty"`   // its STATUS= by sd_notify(3)
	Note     string    `json:"note,omitempty"`   // what is wrong with its configuration
	Stdout   string    `json:"stdout,omitempty"` // the files of its logs
	Stderr   string    `json:"stderr,omitempty"`
	Unlogged string    `json:"unlogged,omitempty"` // why one of them could not be written at last
}

// maxRequest bounds what a client can make the supervisor keep; maxAnswer what
// a client reads: room for a thousand services.
const (
	maxRequest = 4 << 10
	maxAnswer  = 4 << 20
)

// parseRequest reads a line. What is unknown is refused: a client that is newer
// must not think that it was understood.
func parseRequest(line []byte) (Request, error) {
	var r Request
	if err := strict(line, &r); err != nil {
		return Request{}, fmt.Errorf("the request is not understood: %w", err)
	}
	switch r.Op {
	case StatusOp:
		return r, nil
	case EndOp:
		if r.Name != "" {
			return Request{}, fmt.Errorf("%s: it is for all services, not for %q", r.Op, r.Name)
		}
		return r, nil
	case StartOp, StopOp, RestartOp:
		if r.Name == "" {
			return Request{}, fmt.Errorf("%s: which service is meant? \"name\" is empty", r.Op)
		}
		return r, nil
	}
	known := []string{string(StatusOp), string(StartOp), string(StopOp), string(RestartOp), string(EndOp)}
	return Request{}, fmt.Errorf("the request is not understood: \"op\" is %q; known are %s", r.Op, strings.Join(known, ", "))
}

// strict refuses unknown members, and anything behind the value.
func strict(line []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(to); errors.Is(err, io.EOF) {
		return errors.New("it is empty")
	} else if err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

// line is a value as one line of JSON. Only times beyond the year 9999 could
// fail.
func line(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		b, _ = json.Marshal(Answer{Error: err.Error()})
	}
	return append(b, '\n')
}

// fields of a service that were asked about, of all without a name.
func selected(all []Status, name string) ([]Status, error) {
	if name == "" {
		return all, nil
	}
	i := slices.IndexFunc(all, func(s Status) bool { return s.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no service %q", name)
	}
	return all[i : i+1], nil
}
