package box

// What a box asks of keg beyond the runtime specification. The tmpfs is mounted
// inside the container's mount namespace, so that it is gone with the last
// process, however that ends.
const (
	// An annotation: the root is an overlay, root.path its lower layer, the
	// upper one on a tmpfs.
	rootOverlay = "org.keg.root.overlay"
	onTmpfs     = "tmpfs"

	// An annotation: the first process is an init of keg's, the command its child.
	// Ctrl-C then ends a command that does not care for it, which a pid 1 would
	// not notice.
	childOfInit = "org.keg.init"

	// An option of a mount of type overlay that has lowerdir only: the same for
	// one mount, as tmpcopyup is an option that the runtime carries out.
	upperOnTmpfs = "tmpupper"
)
