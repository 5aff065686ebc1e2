package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
)

func docker(m *machine, _ string) setup {
	file := m.place("/etc/docker/daemon.json", "docker/daemon.json")
	content, err := readText(file)
	s := dockerSetup(m.Keg, file, content, m.restart("docker"))
	if err != nil {
		s.err = err
	}
	return s
}

// dockerSetup reads daemon.json, and writes it with keg in it. dockerd(8)
func dockerSetup(keg, file, content, restart string) setup {
	s := setup{file: file, once: "docker run --runtime keg IMAGE, once the runtime is configured"}
	whole := map[string]any{}
	var said struct {
		Standard string `json:"default-runtime"`
		Runtimes map[string]struct {
			Path string `json:"path"`
		} `json:"runtimes"`
	}
	if content != "" {
		err := json.Unmarshal([]byte(content), &said)
		if err == nil {
			err = json.Unmarshal([]byte(content), &whole)
		}
		if err != nil {
			s.err, whole = fmt.Errorf("%s: %w", file, err), map[string]any{}
		}
	}
	s.runtimes = runtimes{map[string]string{}, said.Standard}
	for name, r := range said.Runtimes {
		s.runtimes.paths[name] = r.Path
	}
	list, _ := whole["runtimes"].(map[string]any)
	if list == nil {
		list = map[string]any{}
	}
	list["keg"] = map[string]any{"path": keg}
	whole["runtimes"], whole["default-runtime"] = list, "keg"
	s.mend = fileWith(file, indented(whole), restart)
	return s
}

func indented(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return err.Error() + "\n"
	}
	return b.String()
}
