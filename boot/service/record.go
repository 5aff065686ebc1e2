package service

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
)

// record is what a supervisor leaves behind of a service for the one that comes
// after it, should it be killed.
type record struct {
	Boot     string `json:"boot"`               // the machine's start that it is about
	Life     life   `json:"machine"`            // so named in the files that there are
	External bool   `json:"external,omitempty"` // its output goes to the logging socket's reader
}

// bootID tells one start of the machine from another. random(4)
func bootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text)), err
}

// write replaces the record: a reader, or a crash, finds the old one or the new.
func (r record) write(path string) error {
	temp := path + ".new"
	err := os.WriteFile(temp, line(r), 0o600)
	if err == nil {
		err = os.Rename(temp, path)
	}
	return err
}

// readRecord finds nil where there is none that counts: what was before the
// machine was started is over.
func readRecord(path, boot string) (*record, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, &os.PathError{Op: "read", Path: path, Err: err}
	}
	if r.Boot != boot {
		return nil, nil
	}
	return &r, nil
}
