package doctor

import "path/filepath"

// crio reads crio.conf and what is dropped beside it. crio.conf(5)
func crio(m *machine, _ string) setup {
	drops, _ := filepath.Glob("/etc/crio/crio.conf.d/*")
	return crioSetup(m.Keg, readAll(append([]string{"/etc/crio/crio.conf"}, drops...)), m.rooted("systemctl restart crio"))
}

func crioSetup(keg string, files []conf, restart string) setup {
	const drop = "/etc/crio/crio.conf.d/90-keg.conf"
	s := setup{file: drop, runtimes: runtimes{paths: map[string]string{}}}
	for _, f := range files {
		list := parseTOML(f.content)
		if name := lookup(list, "crio", "runtime", "default_runtime"); name != "" {
			s.file, s.runtimes.standard = f.file, name
		}
		for name, path := range under(list, []string{"crio", "runtime", "runtimes"}, []string{"runtime_path"}) {
			s.runtimes.paths[name] = path
		}
	}
	s.mend = fileWith(drop, "[crio.runtime]\ndefault_runtime = \"keg\"\n\n"+
		"[crio.runtime.runtimes.keg]\nruntime_path = \""+keg+"\"\nruntime_type = \"oci\"\nruntime_root = \"/run/keg\"\n", restart)
	return s
}
