package container

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// mounts has CRIU leave those alone that come from the host.
func (d *dump) mounts() error {
	in, err := d.planInput()
	if err != nil {
		return err
	}
	root, err := linux.OpenDirectory("/proc/" + strconv.Itoa(d.state.Pid) + "/root")
	if err != nil {
		return err
	}
	defer root.Close()
	table, err := linux.MountsOf(d.state.Pid)
	if err != nil {
		return err
	}
	if err := d.describeStreams(table); err != nil {
		return err
	}
	for _, e := range plan.Externals(in) {
		point, err := mountPoint(root, table, &e)
		if err == nil && point != "" {
			err = errors.Join(plainKey(point, e.Name), plainSource(e.Source))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.Field, err)
		}
		if point != "" {
			d.criu.External = append(d.criu.External, "mnt["+point+"]:"+e.Name)
		}
	}
	return nil
}

func (d *dump) planInput() (plan.Input, error) {
	facts, err := host.Detect()
	if err != nil {
		return plan.Input{}, err
	}
	dirs := make([]cgroup.Dir, len(d.state.Cgroups))
	for i, c := range d.state.Cgroups {
		dirs[i] = cgroup.Dir(c)
	}
	in := plan.Input{Spec: d.spec, ID: d.state.ID, Bundle: d.state.Bundle, Host: planFacts(facts, d.spec)}
	in.Host.CgroupMounts = cgroupMounts(dirs)
	return in, nil
}

// mountPoint is where the mount is by now, as the container sees it: its
// destination may have led through links of the image's. "" where nothing is
// mounted there, or what is the container's own.
func mountPoint(root *os.File, table []linux.Mount, e *plan.External) (string, error) {
	f, err := linux.OpenInRoot(root, e.Point, linux.O_PATH)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	var st linux.FileStat
	if err := linux.Stat(f, &st); err != nil {
		return "", err
	}
	if e.Mask && st.Mode&linux.S_IFMT == syscall.S_IFDIR {
		return "", nil
	}
	id, isRoot, err := linux.MountOf(f)
	if err != nil || !isRoot {
		return "", err
	}
	for _, m := range table {
		if m.ID == id {
			return m.Point, nil
		}
	}
	return "", nil
}

// plainKey refuses names that CRIU would take apart elsewhere: a directory of the
// image's could make it bind another path of the host's (CVE-2026-115520).
func plainKey(names ...string) error {
	for _, name := range names {
		if strings.ContainsAny(name, "]\n") {
			return fmt.Errorf("%q: CRIU cannot tell a ] in the name of a mount from its end", name)
		}
	}
	return nil
}

// plainSource refuses a source in which CRIU could find the end of a name: images
// that call a mount NAME]:REST would have it bind what follows.
func plainSource(source string) error {
	if strings.Contains(source, "]:") || strings.Contains(source, "\n") {
		return fmt.Errorf("%q: CRIU cannot tell ]: in the source of a mount from the end of the mount's name", source)
	}
	return nil
}
