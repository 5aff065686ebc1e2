package containerd

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const image = "localhost/busybox:latest"

// importImage makes the image: there is no registry.
func (d *daemon) importImage(t testing.TB) {
	t.Helper()
	root := kegtest.Rootfs(t)
	if err := os.Symlink("busybox", filepath.Join(root, "bin/stty")); err != nil {
		t.Fatal(err)
	}
	file := d.file("image.tar")
	write(t, file, string(archive(t, root)))
	d.ok(t, "images", "import", file)
}

// archive is an image as `docker save` writes one.
func archive(t testing.TB, root string) []byte {
	t.Helper()
	var layer, whole bytes.Buffer
	w := tar.NewWriter(&layer)
	err := w.AddFS(os.DirFS(root))
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	files := []struct {
		name    string
		content any
	}{
		{"config.json", map[string]any{
			"architecture": runtime.GOARCH, "os": "linux",
			"config": map[string]any{"Cmd": []string{"sh"}, "Env": []string{"PATH=/bin", "FROM=image"}},
			"rootfs": map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer.Bytes()))}},
		}},
		{"manifest.json", []any{map[string]any{"Config": "config.json", "RepoTags": []string{image}, "Layers": []string{"layer.tar"}}}},
	}
	w = tar.NewWriter(&whole)
	add(t, w, "layer.tar", layer.Bytes())
	for _, f := range files {
		text, err := json.Marshal(f.content)
		if err != nil {
			t.Fatal(err)
		}
		add(t, w, f.name, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()
}

func add(t testing.TB, w *tar.Writer, name string, data []byte) {
	t.Helper()
	err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))})
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		t.Fatal(err)
	}
}
