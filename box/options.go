package box

import (
	"errors"
	"fmt"
	"io"
	"path"
)

const maxHostname = 64 // the kernel's __NEW_UTS_LEN

// Options are what `keg shell` was asked for.
type Options struct {
	Root string // directory or archive; "": a box made from busybox
	Host bool   // a throw-away copy of this machine's own root
	Keep string // directory that becomes the box, populated when it is empty

	Command  []string // nil: sh
	User     string   // UID[:GID] or NAME[:GROUP], as the root knows them; "": root
	Workdir  string
	Hostname string
	Env      []string // NAME=VALUE, or NAME to take the caller's
	Volumes  []string // SRC:DST[:ro]
	Net      string   // "none" or "host"; "": none
	ReadOnly bool

	Memory int64 // bytes; 0: not limited
	CPUs   int   // thousandths of a processor
	Pids   int64

	NoCgroup      bool
	SystemdCgroup bool // also if keg itself could set the limits

	Explain   bool // print the plan instead of carrying it out
	StateRoot string

	Warn   func(format string, args ...any)
	Stdout io.Writer // where Explain prints
	Trace  io.Writer
}

// check refuses what contradicts itself, before anything is built.
func (o *Options) check() error {
	switch {
	case o.Host && o.Root != "":
		return errors.New("--host and ROOT " + o.Root + ": one root only")
	case o.Host && o.Keep != "":
		return errors.New("--host and --keep " + o.Keep + ": a copy of this machine is thrown away; give --keep an archive or a busybox box")
	case o.Net != "" && o.Net != "none" && o.Net != "host":
		return errors.New("--net " + o.Net + ": must be none or host")
	case o.Workdir != "" && !path.IsAbs(o.Workdir):
		return errors.New("-w " + o.Workdir + ": must be an absolute path, of the container's")
	case len(o.Hostname) > maxHostname:
		return fmt.Errorf("--hostname %.16s...: has %d bytes, %d are allowed", o.Hostname, len(o.Hostname), maxHostname)
	}
	return nil
}

func (o *Options) warn(format string, args ...any) {
	if o.Warn != nil {
		o.Warn(format, args...)
	}
}
