package doctor

import (
	"cmp"
	"path/filepath"
)

// crio reads crio.conf and what is dropped beside it. crio.conf(5)
func crio(m *machine, _ string) setup {
	drops, _ := filepath.Glob("/etc/crio/crio.conf.d/*")
	files, err := readAll(append([]string{"/etc/crio/crio.conf"}, drops...))
	s := crioSetup(m.Keg, files, m.restartRoots("crio"))
	s.err = cmp.Or(err, s.err)
	return s
}

type crioConf struct {
	Crio struct {
		Runtime struct {
			DefaultRuntime string `toml:"default_runtime"`
			Runtimes       map[string]struct {
				Path string `toml:"runtime_path"`
			}
		}
	}
}

func crioSetup(keg string, files []conf, restart string) setup {
	const drop = "/etc/crio/crio.conf.d/90-keg.conf"
	s := setup{file: drop, runtimes: runtimes{paths: map[string]string{}}}
	for _, f := range files {
		var c crioConf
		s.err = cmp.Or(s.err, decodeTOML(f.file, f.content, &c))
		if name := c.Crio.Runtime.DefaultRuntime; name != "" {
			s.file, s.runtimes.standard = f.file, name
		}
		for name, r := range c.Crio.Runtime.Runtimes {
			if r.Path != "" { // else it is looked for in PATH
				s.runtimes.paths[name] = r.Path
			}
		}
	}
	s.mend = fileWith(drop, "[crio.runtime]\ndefault_runtime = \"keg\"\n\n"+
		"[crio.runtime.runtimes.keg]\nruntime_path = \""+keg+"\"\nruntime_type = \"oci\"\nruntime_root = \"/run/keg\"\n", restart)
	return s
}
