package doctor

import (
	"os"
	"path/filepath"
)

// containersConf are the files of Podman and Buildah in the order in which they
// are read: what comes later counts. containers.conf(5)
func containersConf(m *machine) []string {
	if file := os.Getenv("CONTAINERS_CONF"); file != "" {
		return []string{file}
	}
	drops := func(dir string) []string {
		list, _ := filepath.Glob(dir + "/containers.conf.d/*.conf") // sorted
		return append([]string{dir + "/containers.conf"}, list...)
	}
	files := append([]string{"/usr/share/containers/containers.conf"}, drops("/etc/containers")...)
	if own := m.place("", "containers"); own != "" {
		files = append(files, drops(own)...)
	}
	if file := os.Getenv("CONTAINERS_CONF_OVERRIDE"); file != "" {
		files = append(files, file)
	}
	return files
}

func podman(m *machine, _ string) setup {
	s := podmanSetup(m.Keg, m.place("/etc/containers", "containers")+"/containers.conf.d/keg.conf", readAll(containersConf(m)))
	s.once = "podman --runtime " + m.Keg + " run IMAGE"
	return s
}

// buildah takes the default of containers.conf, and a variable before it.
func buildah(m *machine, _ string) setup {
	s := podmanSetup(m.Keg, m.place("/etc/containers", "containers")+"/containers.conf.d/keg.conf", readAll(containersConf(m)))
	s.once = "buildah run --runtime " + m.Keg + " ..., or export BUILDAH_RUNTIME=" + m.Keg
	if variable := os.Getenv("BUILDAH_RUNTIME"); variable != "" {
		s.file, s.runtimes.standard = "BUILDAH_RUNTIME", variable
	}
	return s
}

// conf is a file and what is in it.
type conf struct{ file, content string }

func readAll(files []string) []conf {
	var list []conf
	for _, file := range files {
		if content, err := readText(file); err == nil && content != "" {
			list = append(list, conf{file, content})
		}
	}
	return list
}

// podmanSetup reads the files. A default that is a path needs no other line.
func podmanSetup(keg, drop string, files []conf) setup {
	s := setup{file: drop, runtimes: runtimes{paths: map[string]string{}}}
	for _, f := range files {
		list := parseTOML(f.content)
		if name := lookup(list, "engine", "runtime"); name != "" {
			s.file, s.runtimes.standard = f.file, name
		}
		for name, path := range under(list, []string{"engine", "runtimes"}, nil) {
			s.runtimes.paths[name] = path
		}
	}
	s.mend = fileWith(drop, "[engine]\nruntime = \""+keg+"\"\n", "")
	return s
}
