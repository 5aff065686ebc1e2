package container

import (
	"fmt"
	"os"

	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// namespaceKey is what images call a namespace that is not in them, as runc's
// do; "" for a type whose content CRIU saves whoever has made it.
func namespaceKey(kind uint64) string {
	switch kind {
	case linux.CLONE_NEWNET:
		return "extRootNetNS"
	case linux.CLONE_NEWPID:
		return "extRootPidNS"
	}
	return ""
}

// namespaceFile is a type of namespace by its name in /proc/PID/ns, and CRIU's.
func namespaceFile(kind uint64) string {
	for _, n := range namespaceFiles {
		if n.kind == kind {
			return n.name
		}
	}
	return ""
}

// joinNamespaces has CRIU restore into the namespaces that the configuration
// gives a path. CRIU gets what has been opened here: by the path, it could be
// another's by then. All stay open until CRIU has ended.
func joinNamespaces(c *criu.Options, joined []plan.Joined) (files []*os.File, err error) {
	for _, j := range joined {
		f, err := launch.OpenNamespace(plan.FD{Path: j.Path, NSType: j.Kind})
		if err != nil {
			return files, fmt.Errorf("%s: %w", j.Field, err)
		}
		files = append(files, f)
		if key := namespaceKey(j.Kind); key == "" {
			c.Join = append(c.Join, criu.Join{Type: namespaceFile(j.Kind), Path: linux.ProcFD(f)})
			continue
		}
		inherited, err := linux.Dup(int(f.Fd()))
		if err != nil {
			return files, err
		}
		c.Inherit = append(c.Inherit, criu.Inherited{Key: namespaceKey(j.Kind), File: inherited})
	}
	return files, nil
}
