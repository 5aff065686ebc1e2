package cgroup

import (
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Controllers lists the controllers that the cgroups can have: those of the v1
// hierarchies, and in the unified one those that the nearest cgroup above has
// which exists.
func Controllers(dirs []Dir) (v1, v2 []string, err error) {
	for _, d := range dirs {
		if !d.V2() {
			v1 = append(v1, strings.Split(d.Controllers, ",")...)
			continue
		}
		if v2, err = available(d); err != nil {
			return nil, nil, err
		}
	}
	return v1, v2, nil
}

func available(d Dir) ([]string, error) {
	for {
		d.Path = path.Dir(d.Path)
		text, err := linux.ReadCgroupFile(cwd, d.Name()+"/cgroup.controllers", nil)
		if d.Path == "/" || !gone(err) {
			return strings.Fields(string(text)), err
		}
	}
}

// enable gives the cgroup d, which exists or is about to, all controllers that
// those above it have, as the engines expect: what is not limited is counted.
// A controller that cannot be handed down is left out; a limit that needs it
// fails by its file. cgroup-v2.rst, "Enabling and Disabling"
func enable(d Dir) {
	parent := path.Dir(d.Path)
	enableIn(d.Mount)
	for i := 1; i < len(parent); i++ {
		if parent[i] == '/' {
			enableIn(d.Mount + parent[:i])
		}
	}
	if parent != "/" {
		enableIn(d.Mount + parent)
	}
}

func enableIn(dir string) {
	have, err := linux.ReadCgroupFile(cwd, dir+"/cgroup.controllers", make([]byte, 0, 512))
	if err != nil {
		return
	}
	on, err := linux.ReadCgroupFile(cwd, dir+"/cgroup.subtree_control", make([]byte, 0, 512))
	if err != nil {
		return
	}
	enabled := strings.Fields(string(on))
	var missing []string
	for name := range strings.FieldsSeq(string(have)) {
		if !slices.Contains(enabled, name) {
			missing = append(missing, "+"+name)
		}
	}
	if len(missing) == 0 {
		return
	}
	file := dir + "/cgroup.subtree_control"
	err = linux.WriteCgroupFile(cwd, file, []byte(strings.Join(missing, " ")))
	if err == nil || len(missing) == 1 || err == syscall.EROFS {
		return
	}
	for _, name := range missing { // one that cannot must not take the others with it
		linux.WriteCgroupFile(cwd, file, []byte(name))
	}
}
