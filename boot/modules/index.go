package modules

import (
	"path"
	"strings"
)

// index is what is known of a kernel's modules. The zero value knows none.
type index struct {
	aliases map[string][]alias // by what stands before the colon, which has no wildcard; "" for the others
	files   map[string]file    // by the module's name
	soft    map[string]softDep
	blocked map[string]bool   // not to be loaded by an alias
	options map[string]string // parameters
	builtIn map[string]bool   // part of the kernel
}

type alias struct{ pattern, module string }

type file struct {
	path  string   // below the directory of modules
	needs []string // the paths of what it depends on: the last is loaded first
}

// softDep are modules that are loaded before and after one, if they are there.
type softDep struct{ pre, post []string }

// newIndex is an index to which the texts of files are added.
func newIndex() *index {
	return &index{map[string][]alias{}, map[string]file{}, map[string]softDep{}, map[string]bool{}, map[string]string{}, map[string]bool{}}
}

// addDependencies reads modules.dep. modules.dep(5)
//
//	kernel/fs/overlayfs/overlay.ko: kernel/lib/a.ko kernel/lib/b.ko
func (x *index) addDependencies(text string) {
	for line := range strings.Lines(text) {
		if name, needs, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			x.files[moduleName(name)] = file{name, strings.Fields(needs)}
		}
	}
}

// addBuiltIn reads modules.builtin: a path a line.
func (x *index) addBuiltIn(text string) {
	for line := range strings.Lines(text) {
		x.builtIn[moduleName(strings.TrimSpace(line))] = true
	}
}

// addConfiguration reads modules.alias, modules.softdep, or a file of
// modprobe.d(5).
func (x *index) addConfiguration(text string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch name := plain(words[1]); words[0] {
		case "alias":
			if len(words) == 3 {
				bus := prefix(words[1])
				x.aliases[bus] = append(x.aliases[bus], alias{words[1], plain(words[2])})
			}
		case "softdep":
			x.soft[name] = softDeps(words[2:])
		case "blacklist":
			x.blocked[name] = true
		case "options":
			x.addOptions(name, words[2:])
		}
	}
}

// addCommandLine takes what the kernel's command line says about modules:
// module.parameter=value and modprobe.blacklist=a,b.
func (x *index) addCommandLine(words []string) {
	for _, word := range words {
		name, setting, ok := strings.Cut(word, ".")
		if !ok || name == "" || strings.ContainsAny(name, "=/") {
			continue
		}
		if list, ok := strings.CutPrefix(setting, "blacklist="); ok && name == "modprobe" {
			for module := range strings.SplitSeq(list, ",") {
				x.blocked[plain(module)] = true
			}
			continue
		}
		x.addOptions(plain(name), []string{setting})
	}
}

func (x *index) addOptions(module string, words []string) {
	x.options[module] = strings.TrimSpace(x.options[module] + " " + strings.Join(words, " "))
}

// addParameters has values with spaces in quotes, as the kernel reads them.
func (x *index) addParameters(module string, parameters []string) {
	var words []string
	for _, p := range parameters {
		if name, value, _ := strings.Cut(p, "="); strings.ContainsAny(value, " \t\n") && !strings.HasPrefix(value, `"`) {
			p = name + `="` + value + `"`
		}
		words = append(words, p)
	}
	x.addOptions(module, words)
}

// find lists the modules that an alias means. A module's own name is an alias
// too, and the only one that counts for a module that is blacklisted.
func (x *index) find(name string) []string {
	if module := plain(name); x.files[module].path != "" {
		return []string{module}
	}
	var found []string
	seen := map[string]bool{}
	for _, bus := range []string{prefix(name), ""} {
		for _, a := range x.aliases[bus] {
			if !seen[a.module] && !x.blocked[a.module] && match(a.pattern, name) {
				seen[a.module] = true
				found = append(found, a.module)
			}
		}
		if bus == "" {
			break
		}
	}
	return found
}

// prefix is what stands before an alias's colon: pci, usb, virtio.
func prefix(alias string) string {
	bus, _, ok := strings.Cut(alias, ":")
	if !ok || strings.ContainsAny(bus, "*?[-_") {
		return ""
	}
	return bus
}

func softDeps(words []string) softDep {
	var d softDep
	var to *[]string
	for _, word := range words {
		switch word {
		case "pre:":
			to = &d.pre
		case "post:":
			to = &d.post
		default:
			if to != nil {
				*to = append(*to, word)
			}
		}
	}
	return d
}

// moduleName is the name of the module in a file: kernel/x/a-b.ko.xz is a_b.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return plain(name)
}

func plain(name string) string { return strings.ReplaceAll(name, "-", "_") }
