package cri

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/keg-project/keg/test/kegtest"
)

const (
	pauseImage = "localhost/pause:1"
	image      = "localhost/busybox:1"
)

// pause is the program that holds the namespaces of pods.
var pause = sync.OnceValues(func() ([]byte, error) { return kegtest.Program("testdata/pause.go") })

// importImages gives the node its images; there is no registry.
func (n *node) importImages(t testing.TB) {
	t.Helper()
	program, err := pause()
	must(t, err)
	root := filepath.Join(n.dir, "pause")
	must(t, os.Mkdir(root, 0o755))
	must(t, os.WriteFile(filepath.Join(root, "pause"), program, 0o755))
	n.importImage(t, pauseImage, root, map[string]any{"Entrypoint": []string{"/pause"}})

	root = filepath.Join(n.dir, "busybox")
	kegtest.Populate(t, root)
	for _, applet := range []string{"nc", "wget", "httpd", "stty", "tty", "top", "getty"} {
		must(t, os.Symlink("busybox", filepath.Join(root, "bin", applet)))
	}
	n.importImage(t, image, root, map[string]any{
		"Env": []string{"PATH=/bin", "FROM=image"}, "Cmd": []string{"sleep", "1000000"}, "WorkingDir": "/data",
		"StopSignal": "SIGTERM",
	})
}

func (n *node) importImage(t testing.TB, name, root string, config map[string]any) {
	t.Helper()
	file := n.write(t, filepath.Base(root)+".tar", string(archive(t, name, root, config)))
	must(t, os.RemoveAll(root))
	out, err := exec.Command("ctr", "--address", filepath.Join(n.dir, "containerd.sock"), "--namespace", "k8s.io", "images", "import", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.Remove(file))
	eventually(t, name+" known to the plugin", func() (any, bool) {
		s, err := n.images.ImageStatus(bg, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: name}})
		return err, err == nil && s.Image != nil
	})
}

// archive is what docker save writes of an image with one layer.
func archive(t testing.TB, name, root string, config map[string]any) []byte {
	t.Helper()
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	must(t, w.AddFS(os.DirFS(root)))
	must(t, w.Close())
	description := map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer.Bytes()))}},
	}
	manifest := []map[string]any{{"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"}}}
	var image bytes.Buffer
	w = tar.NewWriter(&image)
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"layer.tar", layer.Bytes()},
		{"config.json", asJSON(t, description)},
		{"manifest.json", asJSON(t, manifest)},
	} {
		must(t, w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data))}))
		_, err := w.Write(f.data)
		must(t, err)
	}
	must(t, w.Close())
	return image.Bytes()
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return text
}
