package sequence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/keg-project/keg/boot/bundle"
)

// Options say which tree is run, and how.
type Options struct {
	Dir      string // the tree: /containers/onboot
	Word     string // in messages and in the names of logs: onboot, shutdown
	Launcher *bundle.Launcher

	Strict  bool          // stop at the first failure; a program's exit status other than 0 is one
	Timeout time.Duration // for each container, its creation included, which is killed then; 0: none
	Debug   bool          // say each step

	Console   io.Writer // what containers have written is shown here
	ToConsole bool      // they write to keg's own streams, and no log is kept
	Stdout    *os.File  // which of them their standard output is; nil: the same
	LogDir    string    // /run/log
	LinkDir   string    // /var/log, where a link to it is made
	LogSocket string    // of a daemon that collects logs, used where it exists
	LogQuery  string    // where that is asked for them
}

// Run runs the bundles of a tree, each when the one before has ended. What goes
// wrong with one is in its result, and keeps no other from running, unless
// o.Strict. The error is what keeps all of them from it. When ctx is done, the
// container that runs is killed, and no other is started.
func Run(ctx context.Context, o Options) ([]Result, error) {
	names, others, err := bundle.List(o.Dir)
	if err != nil || len(names)+len(others) == 0 {
		return nil, err
	}
	for _, name := range others {
		o.Launcher.Say("%s %s: is no directory, and left out", o.Word, name)
	}
	logs := o.openLogs()
	var results []Result
	for _, name := range names {
		if ctx.Err() != nil || o.Strict && len(results) > 0 && !results[len(results)-1].OK() {
			results = append(results, Result{Name: name, Skipped: true})
			continue
		}
		results = append(results, o.run(ctx, name, logs))
	}
	if err := logs.end(); err != nil {
		o.Launcher.Say("%v", err)
	}
	return results, nil
}

func (o *Options) debug(name, step string) {
	if o.Debug {
		o.Launcher.Say("%s %s: %s", o.Word, name, step)
	}
}

// run runs one bundle to its end.
func (o *Options) run(ctx context.Context, name string, l logs) (r Result) {
	r.Name = name
	begin := time.Now()
	defer func() {
		r.Took = time.Since(begin)
		if r.Err != nil {
			o.Launcher.Say("%v", r.Err)
			note(l, o.Word+"."+name, r.Err)
		}
	}()
	dir := filepath.Join(o.Dir, name)
	o.Launcher.Say("%s %s: from %s", o.Word, name, dir)
	b, err := bundle.Read(dir)
	for _, remark := range b.Remarks() {
		o.Launcher.Say("%s", remark)
	}
	if err != nil {
		r.Err = err
		return r
	}
	stdout, stderr := o.openLog(l, b, o.Word+"."+name+".out"), o.openLog(l, b, o.Word+"."+name)
	o.contain(ctx, b, stdout, stderr, &r)
	if err := errors.Join(stdout.finish(), stderr.finish()); err != nil {
		o.Launcher.Say("%s: log: %v", b.Title, err)
	}
	for _, s := range []stream{stdout, stderr} {
		if err := s.dump(o.Console); err != nil {
			o.Launcher.Say("%s: show its log: %v", b.Title, err)
		}
	}
	o.debug(name, "complete")
	return r
}

// contain runs the bundle's container.
func (o *Options) contain(ctx context.Context, b *bundle.Bundle, stdout, stderr stream, r *Result) {
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	o.debug(b.Name, "creating")
	running, err := o.Launcher.Launch(ctx, b, bundle.Process{ID: b.Name, Stdout: stdout.file(), Stderr: stderr.file()})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", err, o.why(ctx))
	}
	if err != nil {
		r.Err = err
		return
	}
	o.debug(b.Name, "waiting for completion")
	select {
	case <-running.Child.Done():
	case <-ctx.Done():
		r.Err = fmt.Errorf("%s: %w", b.Title, errors.Join(o.why(ctx), running.Kill()))
	}
	select {
	case <-running.Child.Done():
		r.Ended, r.Status = true, running.Child.Status()
	default: // nobody can help it; the next one runs
		return
	}
	o.debug(b.Name, "cleaning up")
	if r.Left, err = running.End(ctx); err != nil {
		r.Err = errors.Join(r.Err, err)
	}
	if len(r.Left) > 0 {
		o.Launcher.Say("%s: %d of its processes run on, so its container and mounts stay", b.Title, len(r.Left))
	}
}

// why tells why a container was killed.
func (o *Options) why(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("killed: it ran longer than %v", o.Timeout)
	}
	return errors.New("killed: keg was told to end")
}
