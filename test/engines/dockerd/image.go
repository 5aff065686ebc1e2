package dockerd

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// Image is the name of the one that there is.
const Image = "busybox"

// applets are busybox's that kegtest.Populate has no use for.
var applets = []string{"httpd", "wget", "nc", "nslookup", "tty", "stty"}

// ImportImage makes the image: there is no registry.
func (d *Daemon) ImportImage(t testing.TB) {
	t.Helper()
	root := kegtest.Rootfs(t)
	for _, a := range applets {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(d.Dir, "image.tar")
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	if err := w.AddFS(os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	engines.Write(t, archive, packed.String())
	d.OK(t, "import", "--change", "CMD [\"sh\"]", archive, Image)
}
