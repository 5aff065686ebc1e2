package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// CRIUOptions are what CRIU is told for Checkpoint and Restore, by the names of
// runc's flags.
type CRIUOptions struct {
	Program   string // of CRIU: a path, or a name to be looked for; "": criu
	ImagePath string // directory of the images
	WorkPath  string // directory of CRIU's log; "": ImagePath

	TCPEstablished, TCPSkipInFlight, TCPClose, ExtUnixSk bool
	ShellJob, FileLocks, LinkRemap, LazyPages, AutoDedup bool
	ManageCgroups                                        string // soft, full, strict, ignore; "": soft
	EmptyNamespaces                                      []oci.LinuxNamespaceType
	LSMProfile, LSMMountContext                          string
}

// AnnotationCRIU names a configuration file of CRIU's; empty: none at all.
const AnnotationCRIU = "org.criu.config"

// criuConfigs are looked for where no annotation names one.
var criuConfigs = []string{"/etc/criu/keg.conf", "/etc/criu/runc.conf"}

// images are a checkpoint's directories, open.
type images struct {
	program   string
	dir, work *os.File
}

// openImages finds CRIU and its directories before anything is done to a
// container. For the images of a new checkpoint they are made: for root alone,
// since they will hold the container's memory.
func (o *CRIUOptions) openImages(make bool) (*images, error) {
	if err := mayCheckpoint(); err != nil {
		return nil, err
	}
	name := o.Program
	if name == "" {
		name = "criu"
	}
	program, err := criu.Find(name)
	if err != nil {
		return nil, err
	}
	im := &images{program: program}
	if im.dir, err = openDir("--image-path", o.ImagePath, make); err != nil {
		return nil, err
	}
	work := o.WorkPath
	if work == "" {
		work = o.ImagePath
	}
	if im.work, err = openDir("--work-path", work, true); err != nil {
		im.dir.Close()
		return nil, err
	}
	return im, nil
}

// openAgain opens the directories in the mount namespace of the calling thread:
// CRIU mounts below the one that it works in.
func (im *images) openAgain() error {
	for _, f := range []**os.File{&im.dir, &im.work} {
		again, err := linux.OpenDirectory((*f).Name())
		if err != nil {
			return err
		}
		(*f).Close()
		*f = again
	}
	return nil
}

func (im *images) close() {
	im.dir.Close()
	im.work.Close()
}

// mayCheckpoint: CRIU reads and writes what only the machine's root may.
func mayCheckpoint() error {
	f, err := host.Detect()
	if err == nil && (f.UID != 0 || !f.SysAdmin) {
		err = errors.New("checkpoint and restore take root, outside of any user namespace: CRIU cannot save or make containers otherwise")
	}
	return err
}

func openDir(flag, name string, make bool) (*os.File, error) {
	path, err := filepath.Abs(name)
	if err == nil && make {
		err = os.MkdirAll(path, 0o700)
	}
	var f *os.File
	if err == nil {
		f, err = linux.OpenDirectory(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return f, nil
}

// common is what CRIU is told for checkpoint and restore alike.
func (o *CRIUOptions) common(im *images, s *oci.Spec) criu.Options {
	c := criu.Options{
		Images: im.dir, Work: im.work, Cgroups: cgroupMode(o.ManageCgroups), ConfigFile: criuConfig(s),
		TCPEstablished: o.TCPEstablished, TCPSkipInFlight: o.TCPSkipInFlight, TCPClose: o.TCPClose, ExtUnixSk: o.ExtUnixSk,
		ShellJob: o.ShellJob, FileLocks: o.FileLocks, LinkRemap: o.LinkRemap, LazyPages: o.LazyPages, AutoDedup: o.AutoDedup,
		LSMProfile: o.LSMProfile, LSMMountContext: o.LSMMountContext,
	}
	for _, ns := range o.EmptyNamespaces {
		c.EmptyNS |= uint32(plan.NamespaceFlag(ns))
	}
	return c
}

func cgroupMode(name string) criu.CgroupMode {
	switch name {
	case "full":
		return criu.CgroupsFull
	case "strict":
		return criu.CgroupsStrict
	case "ignore":
		return criu.CgroupsIgnore
	}
	return criu.CgroupsSoft
}

func criuConfig(s *oci.Spec) string {
	if name, named := s.Annotations[AnnotationCRIU]; named {
		return name
	}
	for _, name := range criuConfigs {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return ""
}
