package container

import (
	"errors"
	"os"

	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// admit is for a container with a user namespace of its own. CRIU enters that, and is
// the container's root then, to whom the state directory and the images are closed, as
// they are the machine's root's alone. In the mount namespace that ends with CRIU, and
// only there, a way leads to the one, and the other are the container's root's.
func (r *restoring) admit() error {
	in, err := r.planInput()
	if err != nil {
		return err
	}
	maps := plan.ConfinementOf(in).Maps
	if maps == nil {
		return nil
	}
	if _, err := os.Readlink(linux.SelfFD(r.images.dir) + "/" + parentLink); err == nil {
		return errors.New("--image-path: what pre-dumps have saved cannot be restored into a user namespace")
	}
	// In the newer way CRIU 3.17 cannot make the binds of devices anew: "Can't copy sharing".
	r.criu.OldMounts = true
	tree, err := launch.IDMapped(linux.SelfFD(r.images.dir), maps, r.dir.File())
	if err != nil {
		return err
	}
	r.images.dir.Close()
	r.images.dir = tree
	const flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
	if err := linux.MountAt("tmpfs", r.o.Root, "tmpfs", flags, "mode=0711"); err != nil {
		return err
	}
	return os.MkdirAll(r.dir.Path(rootDir), 0o711)
}
