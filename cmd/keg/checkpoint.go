package main

import (
	"fmt"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func checkpointCommand() command {
	return command{
		name: "checkpoint", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "save a running container to images, by CRIU",
		long: "The container is removed then, as by `keg delete`, unless --leave-running or\n" +
			"--pre-dump is given; `keg restore` makes it anew from the images. Neither its\n" +
			"root nor what it has mounted from the host is in them. It takes root, and\n" +
			container.NeededCRIU + ". Its log is dump.log.\n\n" +
			"  keg checkpoint --image-path /var/tmp/box mybox\n" +
			"  keg restore --image-path /var/tmp/box --bundle box mybox\n\n" +
			"With pre-dumps, the container stands still for less time:\n\n" +
			"  keg checkpoint --pre-dump --image-path box/1 mybox\n" +
			"  keg checkpoint --parent-path ../1 --image-path box/2 mybox",
		setup: setupCheckpoint,
	}
}

func setupCheckpoint(s *argv.Set) action {
	o := container.CheckpointOptions{StatusFD: -1}
	f := &o.CRIUOptions
	addImages(s, f)
	s.String(&o.ParentPath, "parent-path", 0, "DIR", "images of the pre-dump before, relative to --image-path")
	s.Bool(&o.LeaveRunning, "leave-running", 0, "let the container go on")
	s.Bool(&o.PreDump, "pre-dump", 0, "save memory alone, and let the container go on")
	s.Bool(&f.TCPSkipInFlight, "tcp-skip-in-flight", 0, "leave out connections that are being made")
	addCRIU(s, f)
	s.Count(&o.StatusFD, "status-fd", 0, "FD", "write a zero byte there once CRIU waits for who fetches the memory")
	s.String(&o.PageServer, "page-server", 0, "ADDRESS:PORT", "send the memory to a `criu page-server`")
	return func(c *call, args argv.Args) (int, error) {
		ctr, err := c.load(args.All()[0])
		if err != nil {
			return 1, err
		}
		f.Program = c.global.criu
		return 0, ctr.Checkpoint(o)
	}
}

func addImages(s *argv.Set, f *container.CRIUOptions) {
	f.ImagePath = "checkpoint"
	s.String(&f.ImagePath, "image-path", 0, "DIR", "the images' directory (default: checkpoint)")
	s.String(&f.WorkPath, "work-path", 0, "DIR", "directory of CRIU's log (default: the images')")
}

// addCRIU adds what both checkpoint and restore have.
func addCRIU(s *argv.Set, f *container.CRIUOptions) {
	s.Bool(&f.TCPEstablished, "tcp-established", 0, "keep open TCP connections")
	s.Bool(&f.TCPClose, "tcp-close", 0, "let go of TCP connections")
	s.Bool(&f.ExtUnixSk, "ext-unix-sk", 0, "allow unix sockets whose other end is outside")
	s.Bool(&f.ShellJob, "shell-job", 0, "allow processes of the session and the terminal of a shell outside")
	s.Bool(&f.LazyPages, "lazy-pages", 0, "fetch memory when it is needed (`criu lazy-pages`)")
	s.Bool(&f.FileLocks, "file-locks", 0, "keep file locks, which must all be the container's own")
	s.Bool(&f.LinkRemap, "link-remap", 0, "give open files that were removed a name for the time being")
	s.Enum(&f.ManageCgroups, "manage-cgroups-mode", 0, "what CRIU does to cgroups (default: soft)", "soft", "full", "strict", "ignore")
	s.Func("empty-ns", 0, "TYPE", "leave out what is in the namespace of this type: network", func(v string) error {
		return addNamespace(f, v)
	})
	s.Bool(&f.AutoDedup, "auto-dedup", 0, "drop from the images before what is in those after them")
}

func addNamespace(f *container.CRIUOptions, v string) error {
	types := []oci.LinuxNamespaceType{
		oci.NetworkNamespace, oci.PIDNamespace, oci.MountNamespace, oci.IPCNamespace, oci.UserNamespace,
		oci.UTSNamespace, oci.CgroupNamespace, oci.TimeNamespace,
	}
	var names []string
	for _, t := range types {
		if v == string(t) {
			f.EmptyNamespaces = append(f.EmptyNamespaces, t)
			return nil
		}
		names = append(names, string(t))
	}
	return fmt.Errorf("%q is not one of %s", v, strings.Join(names, ", "))
}
