package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

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

// NeededCRIU says which CRIU will do.
const NeededCRIU = criu.Needed

// AnnotationCRIU names a configuration file of CRIU's; empty: none at all.
const AnnotationCRIU = "org.criu.config"

// criuConfigs are looked for where no annotation names one.
var criuConfigs = []string{"/etc/criu/keg.conf", "/etc/criu/runc.conf"}

// images are a checkpoint's directories, open.
type images struct {
	program   string
	dir, work *os.File
	config    *os.File // of CRIU's; nil: none
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
	if im.dir, err = openDir("--image-path", o.ImagePath, make); err == nil {
		if err = checkImages(im.dir); err != nil {
			err = fmt.Errorf("--image-path: %w", err)
		}
	}
	if err == nil {
		im.work, err = o.openWork()
	}
	if err != nil {
		im.close()
		return nil, err
	}
	return im, nil
}

// openWork opens the directory in which CRIU writes its log.
func (o *CRIUOptions) openWork() (*os.File, error) {
	work := o.WorkPath
	if work == "" {
		work = o.ImagePath
	}
	f, err := openDir("--work-path", work, true)
	if err != nil {
		return nil, err
	}
	if err := rootsOnlyFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("--work-path: %w", err)
	}
	return f, nil
}

// openAgain opens the directories in the mount namespace of the calling thread:
// CRIU mounts below the one that it works in.
func (im *images) openAgain() error {
	for _, f := range []**os.File{&im.dir, &im.work} {
		again, err := linux.OpenDirectory((*f).Name())
		if err != nil {
			return err
		}
		var before, now linux.FileStat
		err = errors.Join(linux.Stat(*f, &before), linux.Stat(again, &now))
		if err == nil && (before.Dev != now.Dev || before.Ino != now.Ino) {
			err = fmt.Errorf("%s is another directory by now", again.Name())
		}
		if err != nil {
			again.Close()
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
	im.config.Close()
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
func (o *CRIUOptions) common(im *images, s *oci.Spec) (c criu.Options, err error) {
	if im.config, err = criuConfig(s); err != nil {
		return c, err
	}
	c = criu.Options{
		Images: im.dir, Work: im.work, Cgroups: cgroupMode(o.ManageCgroups),
		TCPEstablished: o.TCPEstablished, TCPSkipInFlight: o.TCPSkipInFlight, TCPClose: o.TCPClose, ExtUnixSk: o.ExtUnixSk,
		ShellJob: o.ShellJob, FileLocks: o.FileLocks, LinkRemap: o.LinkRemap, LazyPages: o.LazyPages, AutoDedup: o.AutoDedup,
		LSMProfile: o.LSMProfile, LSMMountContext: o.LSMMountContext,
	}
	if im.config != nil {
		c.ConfigFile = linux.ProcFD(im.config)
	}
	for _, ns := range o.EmptyNamespaces {
		c.EmptyNS |= uint32(plan.NamespaceFlag(ns))
	}
	return c, nil
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

// criuConfig opens the configuration file; nil: there is none. CRIU runs programs
// that it names, as root.
func criuConfig(s *oci.Spec) (*os.File, error) {
	const field = "annotations." + AnnotationCRIU
	if name, named := s.Annotations[AnnotationCRIU]; named {
		if name == "" {
			return nil, nil
		}
		if !filepath.IsAbs(name) {
			return nil, fmt.Errorf("%s: found %q; allowed: an absolute path, or nothing", field, name)
		}
		f, err := openConfigFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		return f, nil
	}
	for _, name := range criuConfigs {
		if f, err := openConfigFile(name); !errors.Is(err, os.ErrNotExist) {
			return f, err
		}
	}
	return nil, nil
}

func openConfigFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO would never answer
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", name)
	}
	if err == nil {
		err = rootsOnlyFile(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
