package doctor

import (
	"cmp"
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
	s := podmanHere(m)
	s.once = "podman --runtime " + m.Keg + " run IMAGE"
	return s
}

// buildah takes the default of containers.conf, and a variable before it.
func buildah(m *machine, _ string) setup {
	s := podmanHere(m)
	s.once = "buildah run --runtime " + m.Keg + " ..., or export BUILDAH_RUNTIME=" + m.Keg
	if variable := os.Getenv("BUILDAH_RUNTIME"); variable != "" {
		s.file, s.runtimes.standard = "BUILDAH_RUNTIME", variable
	}
	return s
}

func podmanHere(m *machine) setup {
	files, err := readAll(containersConf(m))
	s := podmanSetup(m.Keg, m.place("/etc/containers", "containers")+"/containers.conf.d/keg.conf", files)
	s.err = cmp.Or(err, s.err)
	return s
}

// conf is a file and what is in it.
type conf struct{ file, content string }

// readAll reads those that are there.
func readAll(files []string) ([]conf, error) {
	var list []conf
	var first error
	for _, file := range files {
		content, err := readText(file)
		if content != "" {
			list = append(list, conf{file, content})
		}
		first = cmp.Or(first, err)
	}
	return list, first
}

// podmanConf: a runtime has a list of places, of which the first that is there counts.
type podmanConf struct {
	Engine struct {
		Runtime  string
		Runtimes map[string][]string
	}
}

// podmanSetup reads the files. A default that is a path needs no other line.
func podmanSetup(keg, drop string, files []conf) setup {
	s := setup{file: drop, runtimes: runtimes{paths: map[string]string{}}}
	for _, f := range files {
		var c podmanConf
		s.err = cmp.Or(s.err, decodeTOML(f.file, f.content, &c))
		if c.Engine.Runtime != "" {
			s.file, s.runtimes.standard = f.file, c.Engine.Runtime
		}
		for name, places := range c.Engine.Runtimes {
			if len(places) > 0 {
				s.runtimes.paths[name] = firstThere(places)
			}
		}
	}
	s.mend = fileWith(drop, "[engine]\nruntime = \""+keg+"\"\n", "")
	return s
}

// firstThere is the first of the files that exists; the first if none does.
func firstThere(places []string) string {
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return places[0]
}
