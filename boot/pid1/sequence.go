package pid1

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keg-project/keg/linux"
)

const (
	initDir     = "/etc/init.d"
	shutdownDir = "/etc/shutdown.d"
	containers  = "/containers"
)

// sequence starts the system: by the scripts of /etc/init.d, in order, each
// waited for; where there is no such directory by keg's own parts. It returns
// early with an order.
func (p *process) sequence() (order, error) {
	list, err := scripts(initDir)
	if errors.Is(err, os.ErrNotExist) {
		return p.ownSequence()
	}
	p.warn(err)
	for _, script := range list {
		if startsServices(script) {
			p.keepServices()
			if o := p.servicesTried(); o != none {
				return o, nil
			}
			continue
		}
		o, err := p.run(script, script)
		p.note(script, err)
		if o != none {
			return o, nil
		}
	}
	return none, nil
}

func (p *process) ownSequence() (order, error) {
	if !isDirectory(containers) {
		return none, fmt.Errorf("nothing to run: there is neither %s nor %s", initDir, containers)
	}
	for _, part := range []string{"volumes", "onboot"} {
		if !isDirectory(filepath.Join(containers, part)) {
			continue
		}
		p.say("%s", part)
		o, err := p.run(self, "keg", "boot", part)
		p.note(part, err)
		if o != none {
			return o, nil
		}
	}
	if isDirectory(filepath.Join(containers, "services")) {
		p.keepServices()
	}
	return none, nil
}

// note tells what has failed of the beginning, and remembers that something has.
func (p *process) note(what string, err error) {
	if err != nil {
		p.failed = true
		p.say("%s: %v", what, err)
	}
}

// scripts lists the regular files of a directory, by name; links to such count.
func scripts(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted
	var list []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() {
			list = append(list, name)
		}
	}
	return list, err
}

// startsServices tells whether a script is a link to keg by which it would
// supervise the services: that does not end, and so is not waited for.
func startsServices(script string) bool {
	if !strings.HasSuffix(script, "containerd") {
		return false
	}
	same, err := linux.SameFile(script, self)
	return err == nil && same
}

func isDirectory(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
