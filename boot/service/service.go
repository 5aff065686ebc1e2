package service

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keg-project/keg/boot/bundle"
)

// service is one that a supervisor keeps.
type service struct {
	name   string
	bundle *bundle.Bundle
	config config
	after  []string // those of config.After that can be waited for
	note   string   // what is wrong with its configuration
	broken bool     // so that it cannot be started
	life   life

	dir      string // below the supervisor's
	streams  []*stream
	notify   *os.File // of the present container
	says     string
	clearing bool               // its process has ended, and what is left of its container is being removed
	left     error              // why something of it could not be removed
	asked    bool               // to stop, since the supervisor ends
	giveUp   context.CancelFunc // ends what hangs of the present container's launch, and of clearing up after it
	timer    *time.Timer
	waiting  []waiter
}

// readService reads a bundle and its annotations.
func readService(path string, o Options) *service {
	v := &service{name: filepath.Base(path), config: defaults()}
	v.life = life{State: Waiting, Since: time.Now()}
	b, err := bundle.Read(path)
	v.bundle = b
	for _, remark := range b.Remarks() {
		v.complain(errors.New(remark))
	}
	if err == nil {
		if v.config, err = parseConfig(b.Spec.Annotations); err != nil {
			at := b.Title + ": config.json: "
			err = errors.New(at + strings.ReplaceAll(err.Error(), "\n", "\n"+at))
		}
	}
	v.dir = filepath.Join(o.RunDir, privateName, v.name)
	stdout, stderr := LogPaths(o.LogDir, v.name)
	v.streams = []*stream{
		{title: v.name + ".out", fifo: v.path("stdout"), file: stdout},
		{title: v.name, fifo: v.path("stderr"), file: stderr},
	}
	if err != nil {
		v.broken = true
		v.complain(err)
	}
	return v
}

// LogPaths are the files of a service's standard output and error, as LinuxKit
// names them.
func LogPaths(dir, name string) (stdout, stderr string) {
	return filepath.Join(dir, name+".out.log"), filepath.Join(dir, name+".log")
}

func (v *service) path(name string) string { return filepath.Join(v.dir, name) }

// complain keeps what is wrong with the configuration, for whoever asks.
func (v *service) complain(err error) {
	if v.note != "" {
		v.note += "\n"
	}
	v.note += err.Error()
}

// setTimer has fire called at the life's deadline.
func (v *service) setTimer(fire func()) {
	if v.timer != nil {
		v.timer.Stop()
		v.timer = nil
	}
	if d := v.life.Deadline; !d.IsZero() {
		v.timer = time.AfterFunc(max(0, time.Until(d)), fire)
	}
}

// external tells whether the logging socket's reader has its output.
func (v *service) external() bool { return v.streams[0].external && v.streams[1].external }

func (v *service) status() Status {
	st := Status{
		Name: v.name, Bundle: v.bundle.Dir, State: v.life.State, Pid: v.life.Pid, Since: v.life.Since,
		Restarts: v.life.Restarts, Last: v.life.Last, Says: v.says, Note: v.note,
	}
	if v.left != nil {
		st.Note = strings.TrimPrefix(st.Note+"\n"+v.left.Error(), "\n")
	}
	if v.clearing { // a hook of that may hang
		st.State, st.Pid = Stopping, 0
	}
	if !v.external() {
		st.Stdout, st.Stderr = v.streams[0].file, v.streams[1].file
	}
	if err := cmp.Or(v.streams[0].trouble(), v.streams[1].trouble()); err != nil {
		st.Unlogged = err.Error()
	}
	return st
}

// close ends what the supervisor does for the service.
func (v *service) close() error {
	var errs []error
	for _, st := range v.streams {
		errs = append(errs, st.close())
	}
	if v.notify != nil {
		errs = append(errs, v.notify.Close())
	}
	if !v.broken {
		errs = append(errs, v.bundle.Unmount())
	}
	errs = append(errs, os.RemoveAll(v.dir))
	return errors.Join(errs...)
}
