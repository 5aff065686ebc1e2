package container

import "io"

// Options say how a container is made, beyond its config.json.
type Options struct {
	Root   string // state directory (--root), absolute
	ID     string
	Bundle string // directory of the bundle
	Config []byte // config.json as bytes; nil: read from the bundle

	PidFile       string // "" for none; relative to the caller's working directory
	ConsoleSocket string // whom a detached container's terminal is sent to; "" for none
	PreserveFDs   int    // file descriptors beyond standard error, and beyond ListenFDs, that the container inherits
	ListenFDs     int    // file descriptors beyond standard error that the program takes as its sockets: sd_listen_fds(3)
	ListenNames   string // their names, if they have any
	NotifySocket  string // reaches who waits for the program's sd_notify(3): a path, or @NAME; "" for none
	PidfdSocket   string // path of the socket that a pidfd of the init is sent to; "" for none
	SystemdCgroup bool   // the container is a scope of systemd's (--systemd-cgroup)
	NoCgroup      bool   // the container stays in the caller's cgroups (--cgroup-manager disabled)
	NoPivot       bool   // chroot instead of pivot_root (--no-pivot)
	NoNewKeyring  bool   // keep the caller's session keyring (--no-new-keyring)
	NeedCgroup    bool   // an error where keg may not make one (--rootless=false)
	NoSubreaper   bool   // foreground run: do not become a child subreaper
	Detach        bool   // run: return once the container's program has started
	OwnStderr     bool   // with a terminal: standard error is not the terminal, but the caller's
	Keep          bool   // run: keep state and cgroup after the container's end
	OwnSignals    bool   // create: a signal that ends a process ends the hook that runs and takes back what was made, in a process without handlers for it

	explain bool // make a plan that is only read

	Warn  func(format string, args ...any) // warnings, one line each; nil: none
	Trace io.Writer                        // where the timeline of the phases goes; nil: none
}

func (o *Options) warn(format string, args ...any) {
	if o.Warn != nil {
		o.Warn(format, args...)
	}
}
