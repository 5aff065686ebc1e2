package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// CheckpointOptions say how a container is saved.
type CheckpointOptions struct {
	CRIUOptions
	ParentPath   string // of the images of a pre-dump, relative to ImagePath; "" for none
	LeaveRunning bool   // the container goes on
	PreDump      bool   // save memory alone, and let the container go on
	StatusFD     int    // gets a zero byte once CRIU waits for who fetches the memory; -1: none
	PageServer   string // ADDRESS:PORT that memory is sent to; "" for none
}

// Checkpoint saves a container to images, from which Restore makes it anew. It
// is removed then, unless it is to go on.
func (c *Container) Checkpoint(o CheckpointOptions) error {
	dir, s, err := c.openFor(state.Checkpoint)
	if err != nil {
		return err
	}
	defer dir.Close()
	config, err := recordedSpec(dir)
	if err != nil {
		return err
	}
	d := &dump{o: &o, state: s, spec: config}
	if err := d.prepare(); err != nil {
		return fmt.Errorf("cannot checkpoint container %q: %w", c.id, err)
	}
	defer d.images.close()
	if lost, err := strays(s); err != nil {
		return err
	} else if len(lost) > 0 {
		c.warn("container %q: processes that were started by exec are not saved: %v", c.id, lost)
	}
	// Without the lock: memory may be on its way for long, and who wants to kill
	// the container meanwhile is not to wait.
	if err := dir.Unlock(); err != nil {
		return err
	}
	if err := d.save(); err != nil {
		return fmt.Errorf("cannot checkpoint container %q: %w", c.id, err)
	}
	if o.LeaveRunning || o.PreDump {
		return nil
	}
	return c.removeSaved(dir)
}

// removeSaved removes a container whose processes are in the images now.
func (c *Container) removeSaved(dir *state.Dir) error {
	err := dir.Lock(lockTimeout)
	if err != nil {
		return unlessGone(err)
	}
	s, err := dir.Read()
	if err != nil {
		return unlessGone(err)
	}
	h, err := loadHooks(dir, s, "hooks.poststop")
	if err != nil {
		return err
	}
	return c.remove(dir, s, h)
}

// dump is a checkpoint at work.
type dump struct {
	o      *CheckpointOptions
	state  state.State
	spec   *oci.Spec
	images *images
	criu   criu.Options

	descriptors string // what the standard streams are, as descriptorsFile has it
}

func (d *dump) prepare() (err error) {
	if err := plan.Restorable(d.spec); err != nil {
		return err
	}
	if d.images, err = d.o.openImages(true); err != nil {
		return err
	}
	if err = d.describe(); err != nil {
		d.images.close()
	}
	return err
}

// describe says what CRIU is told.
func (d *dump) describe() (err error) {
	if d.criu, err = d.o.common(d.images, d.spec); err != nil {
		return err
	}
	c := &d.criu
	c.Pid, c.Root, c.LeaveRunning = d.state.Pid, d.state.Rootfs, d.o.LeaveRunning
	if err := d.parent(); err != nil {
		return err
	}
	if err := d.pageServer(); err != nil {
		return err
	}
	if err := criu.Check(criu.Config{Program: d.images.program}, c); err != nil {
		return err
	}
	if d.o.StatusFD >= 0 && !linux.Inherited(d.o.StatusFD) {
		return fmt.Errorf("--status-fd: file descriptor %d is not open", d.o.StatusFD)
	}
	if err := d.freezer(); err != nil {
		return err
	}
	if err := d.namespaces(); err != nil {
		return err
	}
	return d.mounts()
}

// parent: CRIU makes a link to it, which has to hold wherever the images are
// moved together.
func (d *dump) parent() error {
	p := d.o.ParentPath
	if p == "" {
		d.criu.TrackMemory = d.o.PreDump
		return nil
	}
	if filepath.IsAbs(p) {
		return fmt.Errorf("--parent-path %s: must be relative to --image-path", p)
	}
	parent, err := openParent(d.images.dir, p)
	if err == nil {
		err = checkImages(parent)
		parent.Close()
	}
	if err != nil {
		return fmt.Errorf("--parent-path: %w", err)
	}
	d.criu.Parent, d.criu.TrackMemory = p, true
	return nil
}

// freezer has CRIU stop all processes at once, not one by one while they fork.
func (d *dump) freezer() error {
	if len(d.state.Cgroups) == 0 {
		return nil
	}
	cg, err := cgroupOf(d.state)
	if err != nil {
		return err
	}
	for _, dir := range cg.Dirs() {
		if dir.Has("freezer") || dir.V2() && len(cg.Dirs()) == 1 {
			d.criu.FreezeCgroup = dir.Name()
		}
	}
	return nil
}

// namespaces has CRIU leave alone those that others have made.
func (d *dump) namespaces() error {
	for _, j := range plan.JoinedNamespaces(d.spec) {
		key := namespaceKey(j.Kind)
		if key == "" {
			continue
		}
		name := namespaceFile(j.Kind)
		inode, err := linux.NamespaceInode(d.state.Pid, name)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Field, err)
		}
		d.criu.External = append(d.criu.External, name+"["+strconv.FormatUint(inode, 10)+"]:"+key)
	}
	return nil
}

// pageServer reads ADDRESS:PORT, where an IPv6 address has brackets.
func (d *dump) pageServer() error {
	at := d.o.PageServer
	if at == "" {
		return nil
	}
	colon := strings.LastIndexByte(at, ':')
	port, err := strconv.ParseUint(at[colon+1:], 10, 16)
	if colon <= 0 || err != nil || port == 0 {
		return fmt.Errorf("--page-server %s: must be ADDRESS:PORT", at)
	}
	address := strings.TrimSuffix(strings.TrimPrefix(at[:colon], "["), "]")
	d.criu.PageServer = &criu.PageServer{Address: address, Port: int32(port)}
	return nil
}

// unlessGone: an engine that was told of the processes' end may be faster.
func unlessGone(err error) error {
	if errors.Is(err, state.ErrNotExist) {
		return nil
	}
	return err
}

// save has CRIU write the images.
func (d *dump) save() error {
	if d.o.PreDump {
		return criu.PreDump(d.images.program, &d.criu, d.notice)
	}
	if err := d.writeDescriptors(); err != nil {
		return err
	}
	return criu.Dump(d.images.program, &d.criu, d.notice)
}

// notice answers CRIU: of what it says, only one thing is for others to know.
func (d *dump) notice(n criu.Notice) error {
	if n.File != nil {
		n.File.Close()
	}
	switch {
	case n.Name == "status-ready" && d.o.StatusFD >= 0:
		return d.ready()
	case (n.Name == "pre-dump" || n.Name == "post-dump") && !state.Alive(d.state.Pid, d.state.StartTime):
		// Nobody has held the lock: CRIU would end whoever has got the pid since.
		return errors.New("its init has ended meanwhile")
	}
	return nil
}

// ready tells who waits to fetch the memory.
func (d *dump) ready() error {
	f := os.NewFile(uintptr(d.o.StatusFD), "status")
	d.o.StatusFD = -1
	_, err := f.Write([]byte{0})
	return errors.Join(err, f.Close())
}
