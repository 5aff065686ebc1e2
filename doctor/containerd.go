package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
)

func containerd(m *machine, version string) setup {
	file := m.place("/etc/containerd/config.toml", "containerd/config.toml")
	content, err := readText(file)
	conf, wrong := parseContainerd(file, content, version)
	imports := conf.readImports(filepath.Dir(file), version)
	s := containerdSetup(m.Keg, file, conf, m.systemd, m.restart("containerd"))
	s.err = cmp.Or(err, wrong, imports)
	return s
}

// containerdConf is what counts here of a configuration. containerd-config.toml(5)
type containerdConf struct {
	Version int
	Imports []string
	Plugins map[string]containerdPlugin

	empty bool // there is none yet
}

type containerdPlugin struct {
	Containerd struct {
		DefaultRuntimeName string `toml:"default_runtime_name"`
		Runtimes           map[string]containerdRuntime
	}
}

type containerdRuntime struct {
	Options struct{ BinaryName string }
}

// parseContainerd: a file without a version is of the first one; without a file, the
// newest that this containerd knows is best.
func parseContainerd(file, content, version string) (containerdConf, error) {
	c := containerdConf{empty: strings.TrimSpace(content) == "", Plugins: map[string]containerdPlugin{}}
	err := decodeTOML(file, content, &c)
	switch {
	case c.Version != 0:
	case !c.empty:
		c.Version = 1
	case sinceTwo(version):
		c.Version = 3
	default:
		c.Version = 2
	}
	return c, err
}

// sinceTwo tells whether this is containerd 2 or later.
func sinceTwo(version string) bool {
	r, ok := parseRelease(version)
	return ok && r.major >= 2
}

// readImports adds the files that a configuration takes in.
func (c *containerdConf) readImports(dir, version string) error {
	var first error
	for _, pattern := range c.Imports {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(dir, pattern)
		}
		names, _ := filepath.Glob(pattern) // sorted
		for _, name := range names {
			content, err := readText(name)
			more, wrong := parseContainerd(name, content, version)
			c.add(more, sinceTwo(version))
			first = cmp.Or(first, err, wrong)
		}
	}
	return first
}

// add takes in what a later file says. Before containerd 2, its section of a plugin
// replaces the one that was there; since, they are merged.
func (c *containerdConf) add(more containerdConf, merge bool) {
	for name, plugin := range more.Plugins {
		if old, ok := c.Plugins[name]; ok && merge {
			if plugin.Containerd.DefaultRuntimeName == "" {
				plugin.Containerd.DefaultRuntimeName = old.Containerd.DefaultRuntimeName
			}
			both := map[string]containerdRuntime{}
			maps.Copy(both, old.Containerd.Runtimes)
			maps.Copy(both, plugin.Containerd.Runtimes)
			plugin.Containerd.Runtimes = both
		}
		c.Plugins[name] = plugin
	}
}

// cri names the plugin that makes Kubernetes' pods.
func (c *containerdConf) cri() string {
	switch c.Version {
	case 1:
		return "cri"
	case 2:
		return "io.containerd.grpc.v1.cri"
	}
	return "io.containerd.cri.v1.runtime"
}

func (c *containerdConf) runtimes() runtimes {
	plugin := c.Plugins[c.cri()].Containerd
	r := runtimes{map[string]string{}, plugin.DefaultRuntimeName}
	for name, runtime := range plugin.Runtimes {
		if runtime.Options.BinaryName != "" {
			r.paths[name] = runtime.Options.BinaryName
		}
	}
	return r
}

func containerdSetup(keg, file string, conf containerdConf, systemd bool, restart string) setup {
	quoted := `plugins."` + conf.cri() + `".containerd`
	var b strings.Builder
	if conf.empty {
		fmt.Fprintf(&b, "version = %d\n\n", conf.Version)
	}
	b.WriteString("[" + quoted + "]\n  default_runtime_name = \"keg\"\n\n" +
		"[" + quoted + ".runtimes.keg]\n  runtime_type = \"io.containerd.runc.v2\"\n\n" +
		"[" + quoted + ".runtimes.keg.options]\n  BinaryName = \"" + keg + "\"\n")
	if systemd {
		b.WriteString("  SystemdCgroup = true\n")
	}
	return setup{
		file: file, runtimes: conf.runtimes(),
		mend: fileAlso(file, b.String(), restart),
		once: "nerdctl run --runtime " + keg + " IMAGE, or ctr run --runc-binary " + keg + " IMAGE ID",
	}
}
