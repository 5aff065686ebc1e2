package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const subjectEngines = "engines"

// engine is one that can use keg as its runtime.
type engine struct {
	name    string
	program string // which shows that it is installed, and says its version
	setup   func(m *machine, version string) setup
}

// setup is how an engine is set up, and how it would be for keg.
type setup struct {
	file     string // the configuration that counts; "" if there is none for it
	runtimes runtimes
	err      error  // the configuration cannot be read
	mend     string // what makes keg its default
	once     string // what makes it use keg for one container
}

// runtimes are those that a configuration names.
type runtimes struct {
	paths    map[string]string // by name; a path, or a name in PATH
	standard string            // the name of the default one, or its path
}

func engines() []engine {
	return []engine{
		{"Docker", "dockerd", docker},
		{"containerd", "containerd", containerd},
		{"Podman", "podman", podman},
		{"Buildah", "buildah", buildah},
		{"CRI-O", "crio", crio},
		{"BuildKit", "buildkitd", buildkit},
		{"nerdctl", "nerdctl", nerdctl},
		{"k3s", "k3s", k3s},
		{"kubelet", "kubelet", kubelet},
	}
}

// examineEngines asks those that are there for their versions all at once.
func examineEngines(m *machine) []Finding {
	all := engines()
	list := make([]Finding, len(all))
	var wait sync.WaitGroup
	for i, e := range all {
		path, err := lookInSystem(e.program)
		if err != nil {
			continue
		}
		wait.Go(func() {
			version := versionOf(path, m.Patience)
			list[i] = e.setup(m, version).finding(e.name, version, m.Keg)
		})
	}
	wait.Wait()
	list = slices.DeleteFunc(list, func(f Finding) bool { return f.Name == "" })
	if len(list) == 0 {
		return []Finding{ok(subjectEngines, "none", "no engine that could use keg is installed", "").detail()}
	}
	return list
}

// finding judges what the configuration says of keg's file.
func (s setup) finding(name, version, keg string) Finding {
	found := ok(subjectEngines, name, version, "containers of "+name+" on keg")
	mend := s.mend
	if s.once != "" {
		mend += "\nfor one container: " + s.once
	}
	if s.err != nil {
		return found.bad(Warning, version+"; its configuration cannot be read: "+s.err.Error(), mend)
	}
	names := s.runtimes.ofKeg(keg)
	switch lost := s.runtimes.lost(); {
	case lost != "":
		return found.bad(Error, fmt.Sprintf("%s; %s names %s as a runtime, and there is no such file", version, s.file, lost), mend)
	case slices.Contains(names, s.runtimes.standard):
		found.Found = version + "; keg is its runtime (" + s.file + ")"
		return found
	case len(names) > 0:
		return found.bad(Note, fmt.Sprintf("%s; %s has keg as the runtime %q, but not as the default", version, s.file, names[0]), mend)
	}
	return found.bad(Note, version+"; does not use keg", mend)
}

// ofKeg are the names under which keg's file is a runtime, and its path where
// that is the default itself.
func (r runtimes) ofKeg(keg string) []string {
	var names []string
	for name, path := range r.paths {
		if sameProgram(path, keg) {
			names = append(names, name)
		}
	}
	if strings.HasPrefix(r.standard, "/") && sameProgram(r.standard, keg) {
		names = append(names, r.standard)
	}
	slices.Sort(names)
	return names
}

// lost is a file of keg's that a configuration names and that is not there.
func (r runtimes) lost() string {
	paths := []string{r.standard}
	for _, path := range r.paths {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if filepath.IsAbs(path) && filepath.Base(path) == "keg" {
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
				return path
			}
		}
	}
	return ""
}

// sameProgram tells whether a path, or a name in PATH, is keg's file.
func sameProgram(path, keg string) bool {
	if path != "" && !strings.Contains(path, "/") {
		path, _ = lookInSystem(path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path == keg
	}
	return real == keg
}

// place is a configuration file: the machine's for root, and the user's own
// otherwise.
func (m *machine) place(system, user string) string {
	if m.uid == 0 {
		return system
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return system
	}
	return filepath.Join(base, user)
}

// readText is what an existing file holds. That there is none is no error.
func readText(file string) (string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(data), err
}

// restart is how a daemon of the user's takes notice.
func (m *machine) restart(unit string) string {
	if m.systemd && m.uid != 0 {
		return "systemctl --user restart " + unit
	}
	return m.restartRoots(unit)
}

// restartRoots is about one that is root's alone.
func (m *machine) restartRoots(unit string) string {
	switch {
	case !m.systemd:
		return "restart " + unit
	case m.uid == 0:
		return "systemctl restart " + unit
	}
	return "sudo systemctl restart " + unit
}

func fileWith(file, content, then string) string {
	mend := "write " + file + ":\n\n" + content
	if then != "" {
		mend += "\nthen: " + then
	}
	return mend
}

func fileAlso(file, content, then string) string {
	return "add to " + strings.TrimPrefix(fileWith(file, content, then), "write ")
}
