package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// units of what is measured.
var units = map[string]string{
	"run": "ms", "create": "ms", "start": "ms", "state": "ms", "exec": "ms", "delete": "ms", "memory": "KiB",
}

// The operations fall into groups that are run as wholes: one process that does
// everything, a container's life in single commands, and what joins one.
const (
	whole   = "run"
	stages  = "create"
	joining = "exec"
)

const warmUp = 3 // rounds that fill the page cache and are not counted

// bench is one measuring process.
type bench struct {
	options
	ground  *ground
	launch  *launcher
	all     []*contender
	results []result
	wants   map[string]bool // groups
}

// result is everything measured with one number of mounts.
type result struct {
	Mounts  int
	Samples map[string]map[string][]float64 // operation, contender
}

func (r result) add(op, name string, value float64) {
	if r.Samples[op] == nil {
		r.Samples[op] = map[string][]float64{}
	}
	r.Samples[op][name] = append(r.Samples[op][name], value)
}

func measure(o options, stdout io.Writer) error {
	g, err := newGround(o.inside, o.config)
	if err != nil {
		return err
	}
	l, err := newLauncher(filepath.Join(g.dir, "stderr"))
	if err != nil {
		return err
	}
	b := &bench{options: o, ground: g, launch: l, all: contenders(o, g), wants: map[string]bool{}}
	for _, op := range o.ops {
		switch op {
		case whole, joining:
			b.wants[op] = true
		default:
			b.wants[stages] = true
		}
	}
	for _, n := range o.mounts {
		if err := g.setMounts(n); err != nil {
			return err
		}
		b.rounds()
	}
	return b.report(stdout)
}

// rounds lets the contenders take turns, so that whatever else the machine
// does meanwhile hits all of them.
func (b *bench) rounds() {
	r := result{b.ground.mounts, map[string]map[string][]float64{}}
	b.settle()
	for i := range b.options.rounds + warmUp {
		into := r
		if i < warmUp {
			into = result{0, map[string]map[string][]float64{}}
		}
		b.round(whole, into, b.whole)
		b.round(stages, into, b.stages)
		b.round(joining, into, b.exec)
		// Who comes after whom should not favour anybody.
		slices.Reverse(b.all)
	}
	if b.all[0].name != kegName {
		slices.Reverse(b.all)
	}
	b.leave()
	b.results = append(b.results, r)
}

func (b *bench) round(group string, r result, do func(*contender, result) error) {
	for _, c := range b.all {
		if !b.wants[group] || c.failed[group] != nil || c.floor && group != whole {
			continue
		}
		time.Sleep(b.pause)
		err := do(c, r)
		if err != nil && c.name != kegName { // a peer's races are not ours to mend
			c.clear(b.launch)
			err = do(c, r)
		}
		if err != nil {
			c.failed[group] = err
			c.clear(b.launch)
		}
	}
}

func (b *bench) whole(c *contender, r result) error {
	took, err := b.launch.run(c.run...)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	r.add("run", c.name, milliseconds(took))
	reap()
	return nil
}

// stages times single commands. Between start and delete the container's own
// end is waited for; that is nobody's time.
func (b *bench) stages(c *contender, r result) error {
	pidFile := filepath.Join(b.ground.dir, "pid")
	if err := b.stage(c, r, "create", "create", "--bundle", b.ground.bundle, "--pid-file", pidFile, c.id); err != nil {
		return err
	}
	pid, err := readPid(pidFile)
	if err != nil {
		return fmt.Errorf("create --pid-file: %w", err)
	}
	kib, err := pss(pid)
	if err != nil {
		return err
	}
	r.add("memory", c.name, kib)
	if err := b.stage(c, r, "state", "state", c.id); err != nil {
		return err
	}
	if err := b.stage(c, r, "start", "start", c.id); err != nil {
		return err
	}
	if status, err := wait(pid); err != nil || status != 0 {
		return fmt.Errorf("the container's program: exit status %d, %w", status, err)
	}
	reap()
	return b.stage(c, r, "delete", "delete", c.id)
}

func (b *bench) stage(c *contender, r result, op string, args ...string) error {
	took, err := b.launch.run(c.command(args...)...)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if slices.Contains(b.ops, op) {
		r.add(op, c.name, milliseconds(took))
	}
	return nil
}

// pss is a process's share of memory in KiB: pages that it shares with others
// count by their part.
func pss(pid int) (float64, error) {
	path := fmt.Sprintf("/proc/%d/smaps_rollup", pid)
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "Pss:"); ok {
			return strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 64)
		}
	}
	return 0, fmt.Errorf("%s: no line Pss", path)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
