package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// engine puts a program into the caller's PATH.
func (h home) engine(name, script string) {
	h.t.Helper()
	path := filepath.Join(h.dir, "bin", name)
	write(h.t, path, "#!/bin/sh\n"+script)
	must(h.t, os.Chmod(path, 0o755))
}

// configure writes a file of the caller's own configuration.
func (h home) configure(name, content string) {
	h.t.Helper()
	path := filepath.Join(h.dir, "home/.config", name)
	must(h.t, os.MkdirAll(filepath.Dir(path), 0o755))
	write(h.t, path, content)
}

// An engine that is told to use keg is recognised, and one that is not gets the
// lines that make it, which doctor then recognises.
func TestEngines(t *testing.T) {
	h := newHome(t)
	h.engine("dockerd", `echo "Docker version 28.1.2, build abc"`)
	h.engine("podman", `echo "podman version 5.4.0"`)
	r := h.doctor()
	keg := r.Keg
	r.is("engines", "Docker", "note", "28.1.2; does not use keg", `"path": "`+keg+`"`, h.dir+"/home/.config/docker/daemon.json")
	r.is("engines", "Podman", "note", "5.4.0; does not use keg", "runtime = \""+keg+"\"", "podman --runtime "+keg+" run")
	for _, f := range r.of("engines") {
		switch f.Name {
		case "Docker":
			h.configure("docker/daemon.json", content(f.Mend))
		case "Podman":
			h.configure("containers/containers.conf.d/keg.conf", content(f.Mend))
		}
	}
	r = h.doctor()
	r.is("engines", "Docker", "ok", "keg is its runtime")
	r.is("engines", "Podman", "ok", "keg is its runtime")
}

// content is the file that a mend has between two empty lines.
func content(mend string) string {
	_, text, _ := strings.Cut(mend, ":\n\n")
	text, _, _ = strings.Cut(text, "\nthen: ")
	text, _, _ = strings.Cut(text, "\nfor one container: ")
	return text
}

// A keg that has gone from where an engine looks for it breaks the engine.
func TestLostEngine(t *testing.T) {
	h := newHome(t)
	h.engine("dockerd", "echo Docker version 28.1.2")
	h.configure("docker/daemon.json", `{"runtimes": {"keg": {"path": "`+h.dir+`/bin/keg"}}, "default-runtime": "keg"}`)
	r := h.doctor()
	r.worst("error")
	r.is("engines", "Docker", "error", h.dir+"/bin/keg as a runtime, and there is no such file")
	h.configure("docker/daemon.json", `{"runtimes": `)
	h.doctor().is("engines", "Docker", "warning", "cannot be read", "daemon.json")
}

func TestOwnFailure(t *testing.T) {
	if r := kegtest.Command(t, "", "doctor", "--frobnicate"); r.Code != 255 || !strings.Contains(r.Stderr, "unknown flag --frobnicate") || r.Stdout != "" {
		t.Errorf("%+v", r)
	}
}
