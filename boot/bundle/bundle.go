package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/jsonscan"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/state"
)

// Bundle is a bundle as it was read, and found valid.
type Bundle struct {
	Name    string // of its directory, and of its container
	Dir     string // absolute, without links on the way: so are mounts there named
	Title   string // in messages: onboot/003-net
	Spec    *oci.Spec
	Runtime Runtime
	named   string // absolute, as it was named: so may runtime.json name it
}

// Read reads the bundle in a directory. Its error names every field that is
// not as it may be; the bundle beside it has its names and remarks.
func Read(dir string) (*Bundle, error) {
	named, err := filepath.Abs(dir)
	if err != nil {
		return &Bundle{Dir: dir}, err
	}
	b := &Bundle{Name: filepath.Base(named), Dir: named, named: named}
	b.Title = filepath.Join(filepath.Base(filepath.Dir(named)), b.Name)
	if b.Dir, err = filepath.EvalSymlinks(named); err != nil {
		b.Dir = named
		return b, fmt.Errorf("%s: %w", b.Title, err)
	}
	var problems []error
	if err := state.ValidID(b.Name); err != nil {
		problems = append(problems, fmt.Errorf("%s: its directory's name is the container's id: %w", b.Title, err))
	}
	if err := b.readConfig(); err != nil {
		problems = append(problems, b.errorIn("config.json", err))
	}
	if err := b.readRuntime(); err != nil {
		problems = append(problems, b.errorIn("runtime.json", err))
	}
	return b, errors.Join(problems...)
}

func (b *Bundle) readConfig() error {
	data, err := os.ReadFile(filepath.Join(b.Dir, "config.json"))
	if err != nil {
		return err
	}
	if b.Spec, err = spec.Decode(data); err != nil {
		return err
	}
	if err := spec.Validate(b.Spec); err != nil {
		return err
	}
	if p := b.Spec.Process; p != nil && p.Terminal { // its output goes to a log
		return spec.Violations{{Path: "process.terminal", Found: "true", Allowed: "false, as nobody is at a terminal of it"}}
	}
	return nil
}

// Remarks are what is not wrong, but hardly what is meant.
func (b *Bundle) Remarks() []string {
	var list []string
	for _, path := range b.Runtime.Unknown {
		list = append(list, b.Title+": runtime.json: "+path+": keg knows no such member, and leaves it out")
	}
	return list
}

// readRuntime: without the file there is nothing to do.
func (b *Bundle) readRuntime() error {
	data, err := os.ReadFile(filepath.Join(b.Dir, "runtime.json"))
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil {
		b.Runtime, err = decode(data)
	}
	return err
}

// errorIn has the bundle and the file in front of each line.
func (b *Bundle) errorIn(file string, err error) error {
	var path *os.PathError
	var syntax *jsonscan.SyntaxError
	if errors.As(err, &path) || errors.As(err, &syntax) {
		return fmt.Errorf("%s: %s: %w", b.Title, file, err)
	}
	var violations spec.Violations
	if !errors.As(err, &violations) {
		return fmt.Errorf("%s: %s: %w", b.Title, file, err)
	}
	lines := strings.Split(violations.Error(), "\n")
	return errors.New(b.Title + ": " + file + ": " + strings.Join(lines, "\n"+b.Title+": "+file+": "))
}
