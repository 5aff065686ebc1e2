package doctor

import "cmp"

func buildkit(m *machine, _ string) setup {
	file := m.place("/etc/buildkit/buildkitd.toml", "buildkit/buildkitd.toml")
	content, err := readText(file)
	s := buildkitSetup(m.Keg, file, content, m.restart("buildkit"))
	s.err = cmp.Or(err, s.err)
	return s
}

// buildkitSetup is about the worker that runs containers itself; that of
// containerd takes containerd's shim, and runc with it. buildkitd.toml(5)
func buildkitSetup(keg, file, content, restart string) setup {
	s := setup{file: file, once: "buildkitd --oci-worker-binary " + keg}
	var c struct {
		Worker struct{ OCI struct{ Binary string } }
	}
	s.err = decodeTOML(file, content, &c)
	if binary := c.Worker.OCI.Binary; binary != "" {
		s.runtimes = runtimes{map[string]string{"binary": binary}, "binary"}
	}
	s.mend = fileAlso(file, "[worker.oci]\n  enabled = true\n  binary = \""+keg+"\"\n", restart)
	return s
}
