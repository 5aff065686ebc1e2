package vm

import (
	"debug/elf"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// kernel is Debian's for virtual machines, as `test/setup kernel` unpacks it.
type kernel struct {
	image, release string
	modules        map[string]module // by name
}

type module struct {
	path    string // below /lib/modules/RELEASE
	file    string
	needs   []string
	aliases []string
}

func findKernel(t *testing.T) kernel {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "keg-test", "kernel")
	images, _ := filepath.Glob(dir + "/boot/vmlinuz-*")
	if len(images) != 1 {
		kegtest.Skip(t, "no kernel in %s: run test/setup kernel", dir)
	}
	k := kernel{image: images[0], release: strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-"), modules: map[string]module{}}
	root := filepath.Join(dir, "lib/modules", k.release)
	err = filepath.WalkDir(root+"/kernel", func(p string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, ".ko") {
			name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(p), ".ko"), "-", "_")
			k.modules[name] = module{path: strings.TrimPrefix(p, root+"/"), file: p}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// add puts modules and what they need into the machine, with the files that
// depmod would have written.
func (k kernel) add(t *testing.T, a *initramfs, names ...string) {
	t.Helper()
	var all []string
	for _, name := range names {
		all = k.closure(t, all, name)
	}
	dir := "/lib/modules/" + k.release + "/"
	var dependencies, aliases strings.Builder
	for _, name := range all {
		m := k.modules[name]
		data, err := os.ReadFile(m.file)
		if err != nil {
			t.Fatal(err)
		}
		a.file(dir+m.path, 0o644, data)
		var needs []string
		for _, need := range slices.Backward(k.closure(t, nil, name)) {
			if need != name {
				needs = append(needs, k.modules[need].path)
			}
		}
		dependencies.WriteString(m.path + ": " + strings.Join(needs, " ") + "\n")
		for _, alias := range m.aliases {
			aliases.WriteString("alias " + alias + " " + name + "\n")
		}
	}
	a.file(dir+"modules.dep", 0o644, []byte(dependencies.String()))
	a.file(dir+"modules.alias", 0o644, []byte(aliases.String()))
}

// closure appends a module behind what it needs.
func (k kernel) closure(t *testing.T, all []string, name string) []string {
	t.Helper()
	m, ok := k.modules[name]
	if !ok {
		t.Fatalf("the kernel has no module %s", name)
	}
	if m.needs == nil {
		m.read(t)
		k.modules[name] = m
	}
	for _, need := range m.needs {
		all = k.closure(t, all, need)
	}
	if !slices.Contains(all, name) {
		all = append(all, name)
	}
	return all
}

// read reads what a module says about itself.
func (m *module) read(t *testing.T) {
	t.Helper()
	f, err := elf.Open(m.file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Section(".modinfo").Data()
	if err != nil {
		t.Fatal(err)
	}
	m.needs = []string{}
	for line := range strings.SplitSeq(string(info), "\x00") {
		if list, ok := strings.CutPrefix(line, "depends="); ok && list != "" {
			m.needs = strings.Split(strings.ReplaceAll(list, "-", "_"), ",")
		}
		if alias, ok := strings.CutPrefix(line, "alias="); ok {
			m.aliases = append(m.aliases, alias)
		}
	}
}
