package doctor

import (
	"cmp"
	"strings"
)

// runtimeClass lets pods ask for keg by runtimeClassName.
const runtimeClass = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata:\n  name: keg\nhandler: keg\n"

// nerdctl has no configuration for it: containerd's clients name the runtime with
// each container.
func nerdctl(m *machine, _ string) setup {
	return setup{mend: "nerdctl run --runtime " + m.Keg + " IMAGE"}
}

// kubelet leaves the runtime to containerd or CRI-O, which are to know it first.
func kubelet(*machine, string) setup {
	return setup{mend: "configure containerd or CRI-O, then kubectl apply -f this, and runtimeClassName: keg in pods:\n\n" + runtimeClass}
}

// k3s writes containerd's configuration itself, from a template: what counts is
// what it has written, and what can be changed is the template.
func k3s(m *machine, version string) setup {
	const dir = "/var/lib/rancher/k3s/agent/etc/containerd/"
	old, _ := readText(dir + "config.toml.tmpl")
	current, _ := readText(dir + "config-v3.toml.tmpl")
	written, err := readText(dir + "config.toml")
	s := k3sSetup(m.Keg, dir, old, current, written, version, m.restartRoots("k3s"))
	s.err = cmp.Or(err, s.err)
	return s
}

// k3sSetup: releases with containerd 2 read the template of version 3, which came
// with 1.31.6 and 1.32.2, and the other where there is none.
func k3sSetup(keg, dir, old, current, written, version, restart string) setup {
	template, plugin, content := dir+"config-v3.toml.tmpl", "io.containerd.cri.v1.runtime", current
	if r, ok := parseRelease(version); ok && r.before(release{1, 32}) || current == "" && old != "" {
		template, plugin, content = dir+"config.toml.tmpl", "io.containerd.grpc.v1.cri", old
	}
	s := setup{file: dir + "config.toml"}
	conf, err := parseContainerd(s.file, written, "")
	s.runtimes, s.err = conf.runtimes(), err
	quoted := `plugins."` + plugin + `".containerd.runtimes.keg`
	lines := "[" + quoted + "]\n  runtime_type = \"io.containerd.runc.v2\"\n\n[" + quoted + ".options]\n  BinaryName = \"" + keg + "\"\n  SystemdCgroup = true\n"
	then := restart + "; pods ask for it by runtimeClassName: keg, after kubectl apply -f this:\n\n" + runtimeClass + "\nall pods, by: k3s server --default-runtime keg"
	if strings.TrimSpace(content) == "" {
		s.mend = fileWith(template, "{{ template \"base\" . }}\n\n"+lines, then)
	} else {
		s.mend = fileAlso(template, lines, then)
	}
	return s
}
