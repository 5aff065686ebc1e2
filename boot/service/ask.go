package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// ErrNotRunning: no supervisor listens.
var ErrNotRunning = errors.New("no supervisor is running there (hint: `keg boot services` is one; --run-dir says where it listens)")

// Ask sends a request to the supervisor of a run directory, and waits for its
// answer: of a stop, until the service has ended.
func Ask(runDir string, r Request) (Answer, error) {
	path := filepath.Join(runDir, socketName)
	conn, err := linux.DialUnix(path)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return Answer{}, fmt.Errorf("%s: %w", path, ErrNotRunning)
	}
	if err != nil {
		return Answer{}, err
	}
	defer conn.Close()
	if _, err := conn.Write(line(r)); err != nil {
		return Answer{}, err
	}
	var a Answer
	err = json.NewDecoder(io.LimitReader(conn, maxAnswer)).Decode(&a)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		err = errors.New("the supervisor has ended before it answered")
	}
	if err == nil && r.Op == EndOp {
		io.Copy(io.Discard, conn) // until it is gone: another one can begin then
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}
