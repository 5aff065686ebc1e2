package criu

import (
	"os"

	"github.com/checkpoint-restore/go-criu/v8/rpc"
)

// Options are criu(8)'s.
type Options struct {
	Images, Work *os.File // directories: of the images, and of the log and what else CRIU needs
	Parent       string   // of the images of an earlier dump, relative to Images; "" for none
	Root         string   // of the processes' root file system
	Pid          int      // whose tree is saved
	FreezeCgroup string   // that all of the processes are in; "" for none

	External []string    // "mnt[KEY]:VALUE", "net[INODE]:KEY"
	Inherit  []Inherited // descriptors that processes get instead of what they had outside of the container
	Join     []Join      // namespaces that are there already
	EmptyNS  uint32      // CLONE_NEW* of namespaces whose content is neither saved nor made anew

	Cgroups     CgroupMode
	CgroupRoots []CgroupRoot // where the tree of the processes' cgroups begins now

	LeaveRunning, TrackMemory, AutoDedup, LazyPages      bool
	TCPEstablished, TCPSkipInFlight, TCPClose, ExtUnixSk bool
	ShellJob, FileLocks, LinkRemap                       bool
	PageServer                                           *PageServer // nil: none
	OldMounts                                            bool        // mounts are made in CRIU's older way: --mntns-compat-mode
	LSMProfile, LSMMountContext, ConfigFile              string      // "" for none
}

// Inherited is a descriptor by CRIU's name for it.
type Inherited struct {
	Key  string
	File *os.File
}

// Join is a namespace: its type by CRIU's name, and its file.
type Join struct{ Type, Path string }

// CgroupRoot is a cgroup of one controller; "" is the unified hierarchy.
type CgroupRoot struct{ Controller, Path string }

// CgroupMode is what CRIU does about cgroups.
type CgroupMode = rpc.CriuCgMode

// The modes that can be asked for. criu(8), --manage-cgroups
const (
	CgroupsIgnore = rpc.CriuCgMode_IGNORE
	CgroupsSoft   = rpc.CriuCgMode_SOFT
	CgroupsFull   = rpc.CriuCgMode_FULL
	CgroupsStrict = rpc.CriuCgMode_STRICT
)

// PageServer is where memory is sent to, or asked for.
type PageServer struct {
	Address string
	Port    int32
}

// Files are what CRIU must be started with for Inherit to be found.
func (o *Options) Files() []*os.File {
	var files []*os.File
	for _, in := range o.Inherit {
		files = append(files, in.File)
	}
	return files
}

const logLevel = 4 // as much as there is: whoever reads it has a failure to explain

// message is the options as CRIU takes them. Descriptors of directories are
// keg's own: CRIU opens them below keg's /proc/PID/fd.
func (o *Options) message(log string) *rpc.CriuOpts {
	yes, level := true, int32(logLevel)
	m := &rpc.CriuOpts{
		ImagesDirFd: fd(o.Images), WorkDirFd: fd(o.Work), LogFile: &log, LogLevel: &level, NotifyScripts: &yes,
		External: o.External, ManageCgroups: &yes, ManageCgroupsMode: o.Cgroups.Enum(), OrphanPtsMaster: &yes,
		Root: text(o.Root), ParentImg: text(o.Parent), FreezeCgroup: text(o.FreezeCgroup),
		LsmProfile: text(o.LSMProfile), LsmMountContext: text(o.LSMMountContext), ConfigFile: text(o.ConfigFile),
		LeaveRunning: flag(o.LeaveRunning), TrackMem: flag(o.TrackMemory), AutoDedup: flag(o.AutoDedup), LazyPages: flag(o.LazyPages),
		TcpEstablished: flag(o.TCPEstablished), TcpSkipInFlight: flag(o.TCPSkipInFlight), TcpClose: flag(o.TCPClose),
		MntnsCompatMode: flag(o.OldMounts),
		ExtUnixSk:       flag(o.ExtUnixSk), ShellJob: flag(o.ShellJob), FileLocks: flag(o.FileLocks), LinkRemap: flag(o.LinkRemap),
	}
	if o.Pid > 0 {
		pid := int32(o.Pid)
		m.Pid = &pid
	}
	if o.EmptyNS != 0 {
		m.EmptyNs = &o.EmptyNS
	}
	if p := o.PageServer; p != nil {
		m.Ps = &rpc.CriuPageServerInfo{Address: &p.Address, Port: &p.Port}
	}
	o.lists(m)
	return m
}

func (o *Options) lists(m *rpc.CriuOpts) {
	for i := range o.Inherit {
		number := int32(firstFile + i)
		m.InheritFd = append(m.InheritFd, &rpc.InheritFd{Key: &o.Inherit[i].Key, Fd: &number})
	}
	for i := range o.Join {
		m.JoinNs = append(m.JoinNs, &rpc.JoinNamespace{Ns: &o.Join[i].Type, NsFile: &o.Join[i].Path})
	}
	for i := range o.CgroupRoots {
		m.CgRoot = append(m.CgRoot, &rpc.CgroupRoot{Ctrl: &o.CgroupRoots[i].Controller, Path: &o.CgroupRoots[i].Path})
	}
}

func fd(f *os.File) *int32 {
	n := int32(f.Fd())
	return &n
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func flag(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}
