package doctor

import (
	"path/filepath"
	"strings"
)

func containerd(m *machine, version string) setup {
	file := m.place("/etc/containerd/config.toml", "containerd/config.toml")
	content, err := readText(file)
	for _, name := range imported(content, filepath.Dir(file)) {
		more, _ := readText(name)
		content += "\n" + more
	}
	s := containerdSetup(m.Keg, file, content, version, m.systemd, m.restart("containerd"))
	s.err = err
	return s
}

// imported are the files that a configuration takes in. containerd-config.toml(5)
func imported(content, dir string) []string {
	var list []string
	for _, s := range parseTOML(content) {
		if len(s.key) != 1 || s.key[0] != "imports" {
			continue
		}
		for _, pattern := range words(s.value) {
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(dir, pattern)
			}
			names, _ := filepath.Glob(pattern)
			list = append(list, names...)
		}
	}
	return list
}

// cri names the plugin that makes Kubernetes' pods, by the configuration's version.
func cri(content, version string) (format, plugin string) {
	format = lookup(parseTOML(content), "version")
	if format == "" {
		format = "1" // without the line it is the first; without a file, the newest that it knows
		if strings.TrimSpace(content) == "" {
			format = "2"
			if r, ok := parseRelease(version); ok && r.major >= 2 {
				format = "3"
			}
		}
	}
	switch format {
	case "1":
		return format, "cri"
	case "2":
		return format, "io.containerd.grpc.v1.cri"
	}
	return format, "io.containerd.cri.v1.runtime"
}

func containerdSetup(keg, file, content, version string, systemd bool, restart string) setup {
	format, plugin := cri(content, version)
	list := parseTOML(content)
	table := []string{"plugins", plugin, "containerd"}
	s := setup{file: file, once: "nerdctl run --runtime " + keg + " IMAGE, or ctr run --runc-binary " + keg + " IMAGE ID"}
	s.runtimes.standard = lookup(list, append(table, "default_runtime_name")...)
	s.runtimes.paths = under(list, append(table, "runtimes"), []string{"options", "BinaryName"})
	quoted := `plugins."` + plugin + `".containerd`
	var b strings.Builder
	if strings.TrimSpace(content) == "" {
		b.WriteString("version = " + format + "\n\n")
	}
	b.WriteString("[" + quoted + "]\n  default_runtime_name = \"keg\"\n\n" +
		"[" + quoted + ".runtimes.keg]\n  runtime_type = \"io.containerd.runc.v2\"\n\n" +
		"[" + quoted + ".runtimes.keg.options]\n  BinaryName = \"" + keg + "\"\n")
	if systemd {
		b.WriteString("  SystemdCgroup = true\n")
	}
	s.mend = fileAlso(file, b.String(), restart)
	return s
}
