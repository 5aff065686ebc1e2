package container

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/unit"
)

// compiled is a bundle, ready to be launched.
type compiled struct {
	bundle string
	config []byte
	spec   *oci.Spec
	dirs   []cgroup.Dir
	plan   *plan.Plan
	rootfs string

	callers []cgroup.Dir // which the container stays in, if it has none

	scoped

	created time.Time

	resctrlRoot string // where the file system is mounted
	resctrl     resctrl.Group
}

// compile reads and checks the bundle and makes the plan.
func compile(o *Options, wait bool) (*compiled, error) {
	bundle, err := filepath.Abs(o.Bundle)
	if err != nil {
		return nil, err
	}
	c := &compiled{bundle: bundle, config: o.Config}
	if c.config == nil {
		c.config, err = readConfig(filepath.Join(bundle, "config.json"))
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w (hint: --bundle names the directory that holds config.json; `keg spec` writes one)", err)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.spec, err = spec.Decode(c.config); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	if err := spec.Validate(c.spec); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	return c, c.makePlan(o, wait)
}

// readConfig reads a file, and nothing that never ends or never begins: a
// bundle's config.json may be a FIFO without a writer, or a link to a device.
func readConfig(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, &os.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	return readAll(f, info.Size())
}

// readAll also reads what has been appended since the size was asked.
func readAll(f *os.File, size int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err := b.ReadFrom(f)
	return b.Bytes(), err
}

func (c *compiled) makePlan(o *Options, wait bool) error {
	if err := c.checkRoot(); err != nil {
		return err
	}
	if err := c.findResctrl(o.ID); err != nil && !o.explain {
		return err
	}
	if err := c.findCgroups(o); err != nil {
		return err
	}
	facts, err := c.facts(o)
	if err != nil {
		return err
	}
	created := int64(0)
	if !o.explain { // the same plan each time
		c.created = time.Now().UTC()
		created = c.created.UnixNano()
	}
	c.plan, err = plan.Compile(plan.Input{
		Spec: c.spec, ID: o.ID, Bundle: c.bundle, Host: facts, Scope: c.scope, NoCgroup: o.NoCgroup,
		ListenFDs: o.ListenFDs, ListenNames: o.ListenNames, NotifySocket: o.notifySocket(),
		PreserveFDs: o.PreserveFDs, Wait: wait, Attached: !wait && !o.Detach, OwnStderr: o.OwnStderr, NoPivot: o.NoPivot, NoNewKeyring: o.NoNewKeyring,
		Created: created,
	})
	return err
}

// findCgroups finds out where the container's cgroups will be.
func (c *compiled) findCgroups(o *Options) error {
	layout, err := cgroup.Detect()
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w (hint: keg needs /proc: mount -t proc proc /proc)", err)
	}
	if err != nil {
		return err
	}
	path := ""
	if c.spec.Linux != nil {
		path = c.spec.Linux.CgroupsPath
	}
	if o.NoCgroup {
		return c.stayInCallers(layout, path)
	}
	if o.SystemdCgroup {
		return c.findScope(o, layout, path)
	}
	if unit.Looks(path) {
		return fmt.Errorf("linux.cgroupsPath: %q: %w", path, unit.ErrNoFlag)
	}
	if c.dirs, err = cgroup.Path(layout, path, o.ID); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	return nil
}

// checkRoot finds out early, and in plain words, that there is no root file
// system. What is used later is opened by the plan's own steps.
func (c *compiled) checkRoot() error {
	if c.spec.Root == nil {
		return nil
	}
	c.rootfs = c.spec.Root.Path
	if !filepath.IsAbs(c.rootfs) {
		c.rootfs = filepath.Join(c.bundle, c.rootfs)
	}
	if joinsMounts(c.spec) {
		return nil // the path is another mount namespace's
	}
	info, err := os.Stat(c.rootfs)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("root.path: %w (hint: unpack a root file system there)", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("root.path: %w (hint: keg's user must be able to reach it: a directory on the way is closed)", err)
	case err != nil:
		return fmt.Errorf("root.path: %w", err)
	case !info.IsDir():
		return fmt.Errorf("root.path: %s: not a directory", c.rootfs)
	}
	return nil
}

func joinsMounts(s *oci.Spec) bool {
	return s.Linux != nil && slices.ContainsFunc(s.Linux.Namespaces, func(n oci.LinuxNamespace) bool {
		return n.Type == oci.MountNamespace && n.Path != ""
	})
}
