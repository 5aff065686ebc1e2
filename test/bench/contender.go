package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// contender is a runtime, or one of the two programs that mark the floor.
type contender struct {
	name, path string
	floor      bool
	run        []string // what is timed as "run"
	root       string   // the state directory
	id         string
	failed     map[string]error // by group: no more rounds for this one
}

const (
	kegName  = "keg"
	crunName = "crun"
	runcName = "runc"
)

// contenders are those that exist here, in the order in which they take turns.
func contenders(o options, g *ground) []*contender {
	list := []*contender{g.runtime(kegName, o.keg)}
	for _, name := range []string{crunName, runcName} {
		if path, err := exec.LookPath(name); err == nil {
			list = append(list, g.runtime(name, path))
		}
	}
	empty := filepath.Join(o.inside, "empty")
	list = append(list, &contender{name: "empty Go program", path: empty, floor: true, run: []string{empty}})
	if floor := filepath.Join(o.inside, "floor"); exists(floor) {
		run := []string{floor, filepath.Join(g.dir, "floor"), g.rootfs(), "/bin/true"}
		list = append(list, &contender{name: "same calls in C", path: floor, floor: true, run: run})
	}
	for _, c := range list {
		c.failed = map[string]error{}
	}
	return list
}

func (g *ground) runtime(name, path string) *contender {
	c := &contender{name: name, path: path, root: filepath.Join(g.dir, "state-"+name), id: "keg-bench-" + name}
	c.run = c.command("run", "--bundle", g.bundle, c.id)
	return c
}

func (c *contender) command(args ...string) []string {
	return append([]string{c.path, "--root", c.root}, args...)
}

// version is the first line that the runtime says of itself.
func (c *contender) version() string {
	out, err := exec.Command(c.path, "--version").Output()
	if err != nil {
		return fmt.Sprintf("%s: %v", c.path, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// clear removes what a failed operation may have left.
func (c *contender) clear(l *launcher) {
	if !c.floor {
		_, _ = l.run(c.command("delete", "--force", c.id)...) // there may be nothing
	}
	reap()
}

func readPid(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
