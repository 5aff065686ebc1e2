package box

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// parseVolume reads SRC:DST[:ro]. A relative SRC is the caller's.
func parseVolume(volume, workdir string) (specs.Mount, error) {
	refuse := func(why string) (specs.Mount, error) {
		return specs.Mount{}, fmt.Errorf("-v %s: %s (SRC:DST or SRC:DST:ro)", volume, why)
	}
	parts := strings.Split(volume, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return refuse("must have two or three parts")
	}
	source, destination := parts[0], parts[1]
	if source == "" {
		return refuse("SRC is empty")
	}
	if !path.IsAbs(destination) || path.Clean(destination) == "/" {
		return refuse("DST must be an absolute path, and not /")
	}
	if !filepath.IsAbs(source) {
		source = filepath.Join(workdir, source)
	}
	m := specs.Mount{Destination: path.Clean(destination), Type: "bind", Source: filepath.Clean(source), Options: []string{"rbind"}}
	if len(parts) == 2 || parts[2] == "rw" {
		return m, nil
	}
	if parts[2] != "ro" {
		return refuse("the third part must be ro or rw")
	}
	// rro: what is mounted below SRC is read-only as well.
	m.Options = append(m.Options, "rro")
	return m, nil
}

// volumes are the binds that -v asks for.
func volumes(list []string, workdir string) ([]specs.Mount, error) {
	var mounts []specs.Mount
	for _, v := range list {
		m, err := parseVolume(v, workdir)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(m.Source); err != nil {
			return nil, fmt.Errorf("-v %s: %w", v, err)
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}
