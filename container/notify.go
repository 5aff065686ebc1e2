package container

import "os"

// notifySocket is o.NotifySocket if there is one. A variable that was inherited
// from a service which has long ended is common, and no reason to fail.
func (o *Options) notifySocket() string {
	path := o.NotifySocket
	if path == "" || path[0] != '/' {
		return path
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		o.warn("NOTIFY_SOCKET: %v: the container gets none", err)
		return ""
	case info.Mode().Type() != os.ModeSocket:
		o.warn("NOTIFY_SOCKET: %s is not a socket: the container gets none", path)
		return ""
	}
	return path
}
