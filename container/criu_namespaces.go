package container

import (
	"fmt"

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

// criuNamespace is a type of namespace by its name in /proc/PID/ns.
func criuNamespace(kind uint64) string {
	switch kind {
	case linux.CLONE_NEWNET:
		return "net"
	case linux.CLONE_NEWPID:
		return "pid"
	case linux.CLONE_NEWIPC:
		return "ipc"
	case linux.CLONE_NEWUTS:
		return "uts"
	}
	return "time"
}

// joinNamespaces has CRIU restore into the namespaces that the configuration
// gives a path. Those that are handed over stay open until CRIU runs.
func joinNamespaces(c *criu.Options, joined []plan.Joined) error {
	for _, j := range joined {
		f, err := launch.OpenNamespace(plan.FD{Path: j.Path, NSType: j.Kind})
		if err != nil {
			return fmt.Errorf("%s: %w", j.Field, err)
		}
		if key := namespaceKey(j.Kind); key != "" {
			c.Inherit = append(c.Inherit, criu.Inherited{Key: key, File: f})
			continue
		}
		f.Close()
		c.Join = append(c.Join, criu.Join{Type: criuNamespace(j.Kind), Path: j.Path})
	}
	return nil
}
