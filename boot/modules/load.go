package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Loader loads the running kernel's modules. It may be used by several
// goroutines only in turn.
type Loader struct {
	index  *index
	dir    string
	loaded map[string]bool
	// Other, if set, loads a module that is compressed in a way that the kernel
	// cannot undo.
	Other func(module string) error
	// Told, if set, is told of what is loaded, with its parameters.
	Told func(path, parameters string)
	// UseBlacklist leaves out what is blacklisted, also if it is named itself.
	UseBlacklist bool
}

// ErrNone says that the machine has no modules for its kernel.
var ErrNone = errors.New("no modules")

// Open reads what is known of the modules of a release below /lib/modules, and
// the configuration. cmdline are the words of the kernel's command line.
func Open(release string, cmdline []string) (*Loader, error) {
	dir, dependencies := "", []byte(nil)
	for _, dir = range []string{"/lib/modules/" + release, "/usr/lib/modules/" + release} {
		var err error
		if dependencies, err = os.ReadFile(dir + "/modules.dep"); err == nil {
			break
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if dependencies == nil {
		return nil, fmt.Errorf("%w: there is no /lib/modules/%s/modules.dep", ErrNone, release)
	}
	l := &Loader{index: newIndex(), dir: dir, loaded: map[string]bool{}}
	l.index.addDependencies(string(dependencies))
	for _, name := range append([]string{dir + "/modules.alias", dir + "/modules.softdep"}, configuration()...) {
		text, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		l.index.addConfiguration(string(text))
	}
	if text, err := os.ReadFile(dir + "/modules.builtin"); err == nil { // else it is not known
		l.index.addBuiltIn(string(text))
	}
	l.index.addCommandLine(cmdline)
	return l, nil
}

// configuration lists the files of modprobe.d(5): of two with one name the
// first counts, and the names are in order.
func configuration() []string {
	paths := map[string]string{}
	var names []string
	for _, dir := range []string{"/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if name := e.Name(); strings.HasSuffix(name, ".conf") && paths[name] == "" {
				paths[name] = filepath.Join(dir, name)
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = paths[name]
	}
	return names
}

// Load loads the modules that a name or an alias means, and says how many that
// are: 0 is no error, as most devices have a driver that is built in.
func (l *Loader) Load(alias string) (int, error) {
	found := l.index.find(alias)
	var errs []error
	for _, module := range found {
		if !l.UseBlacklist || !l.index.blocked[module] {
			errs = append(errs, l.module(module))
		}
	}
	return len(found), errors.Join(errs...)
}

// AddParameters has parameters given to the modules that an alias means, after those of the
// configuration.
func (l *Loader) AddParameters(alias string, parameters []string) {
	for _, module := range l.index.find(alias) {
		l.index.addParameters(module, parameters)
	}
}

// BuiltIn tells that a module is part of the kernel.
func (l *Loader) BuiltIn(name string) bool { return l.index.builtIn[plain(name)] }

// module loads one module with what comes before and after it. One that was
// tried is not tried again.
func (l *Loader) module(name string) error {
	f := l.index.files[name]
	if l.loaded[name] || f.path == "" {
		return nil
	}
	l.loaded[name] = true
	soft := l.index.soft[name]
	l.softly(soft.pre)
	for _, need := range slices.Backward(f.needs) {
		if err := l.module(moduleName(need)); err != nil {
			return err
		}
	}
	err := l.insert(name, f.path)
	l.softly(soft.post)
	return err
}

// softly loads modules that need not be there.
func (l *Loader) softly(aliases []string) {
	for _, alias := range aliases {
		_, _ = l.Load(alias) // soft: what wants them can do without
	}
}

func (l *Loader) insert(name, path string) error {
	f, err := os.Open(filepath.Join(l.dir, path)) // an absolute path too is below it
	if err != nil {
		return err
	}
	defer f.Close()
	if l.Told != nil {
		l.Told(f.Name(), l.index.options[name])
	}
	compressed := !strings.HasSuffix(path, ".ko")
	err = linux.LoadModule(f, l.index.options[name], compressed)
	switch {
	case errors.Is(err, syscall.EEXIST), errors.Is(err, syscall.ENODEV): // there already; no such device after all
		return nil
	case err != nil && compressed && l.Other != nil:
		return l.Other(name)
	}
	return err
}

// ForThisKernel is Open for the kernel that runs, with its own command line.
func ForThisKernel() (*Loader, error) {
	release, err := linux.Release()
	if err != nil {
		return nil, err
	}
	cmdline, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return nil, err
	}
	return Open(release, strings.Fields(string(cmdline)))
}
