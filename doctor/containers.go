package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/state"
)

const subjectContainers = "containers"

// containerFact is what is wrong with one of keg's containers.
type containerFact struct {
	id     string
	status container.Status
	err    error
	lost   string // a cgroup of it that is gone though its process is not
}

// containerFacts are those under the root of the state.
type containerFacts struct {
	root string
	err  error
	all  int
	odd  []containerFact
}

func examineContainers(m *machine) []Finding {
	f := containerFacts{root: m.StateRoot}
	entries, err := os.ReadDir(f.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.err = err
	}
	for _, e := range entries {
		if !e.IsDir() || state.ValidID(e.Name()) != nil {
			continue
		}
		f.all++
		if c, odd := inspect(f.root, e.Name()); odd {
			f.odd = append(f.odd, c)
		}
	}
	return f.findings()
}

// inspect tells whether a container is not as its state says. One that is gone by
// now is fine.
func inspect(root, id string) (c containerFact, odd bool) {
	c.id = id
	dir, err := state.Open(root, id)
	if errors.Is(err, state.ErrNotExist) {
		return c, false
	}
	if err != nil {
		c.err = err
		return c, true
	}
	defer dir.Close()
	s, err := dir.Read()
	if err != nil {
		c.err = err
		return c, !dir.Locked() // else a keg is just making or removing it
	}
	loaded, err := container.Load(root, id)
	if err == nil {
		var info container.Info
		info, err = loaded.Info()
		c.status = info.Status
	}
	if errors.Is(err, state.ErrNotExist) {
		return c, false
	}
	if c.err = err; err == nil && c.status != container.Stopped {
		for _, d := range s.Cgroups {
			if !exists(d.Mount + d.Path) {
				c.lost = d.Mount + d.Path
			}
		}
	}
	return c, c.err != nil || c.lost != "" || c.status == container.Stopped
}

func (f containerFacts) findings() []Finding {
	all := ok(subjectContainers, "recorded", fmt.Sprintf("%s in %s", plural(f.all, "container"), f.root), "`keg list`")
	if f.err != nil {
		return []Finding{all.bad(Error, f.err.Error(), "keg --root DIR names another directory")}
	}
	list := []Finding{all.detail()}
	for _, c := range f.odd {
		list = append(list, c.finding(f.root))
	}
	return list
}

func (c containerFact) finding(root string) Finding {
	found := ok(subjectContainers, c.id, string(c.status), "")
	clear := "keg --root " + root + " delete -f " + c.id
	switch {
	case c.err != nil:
		return found.bad(Warning, c.err.Error(), clear)
	case c.lost != "":
		return found.bad(Warning, "its cgroup "+c.lost+" was removed by someone else: it cannot be limited or paused", "end it, then: "+clear)
	}
	return found.bad(Note, "its process has ended, and it was not deleted", "keg --root "+root+" delete "+c.id+", unless an engine is about to")
}
