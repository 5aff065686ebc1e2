package run

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

const owned = `mkdir -p $B/src/below; touch $B/src/f; chown 7000:8000 $B/src/f
mkdir $B/other; mount --bind $B/other $B/src/below; touch $B/src/below/g; chown 7000:8000 $B/src/below/g
`

var ownMapping = []oci.LinuxIDMapping{{ContainerID: 7000, HostID: 1, Size: 1}, {ContainerID: 8000, HostID: 2, Size: 1}, {ContainerID: 0, HostID: 500, Size: 1}}

func idmapped(source, destination string, own bool, options ...string) oci.Mount {
	m := mount("bind", source, destination, options...)
	if own {
		m.UIDMappings, m.GIDMappings = ownMapping, ownMapping
	}
	return m
}

// An idmapped mount shows ids as its own mappings say, or those of the
// container's user namespace; below it only with ridmap.
func TestIDMap(t *testing.T) {
	kegtest.NeedRoot(t)
	const script = `cd /m; stat -c '%n %u:%g' f below/g; touch new 2>/dev/null; stat -c '%n %u:%g' new 2>/dev/null; true`
	for _, c := range []struct {
		name, options string
		user, own     bool
		want          string
	}{
		{"own", "rbind idmap", false, true, "f 1:2\nbelow/g 7000:8000\n"},
		{"own without the word", "rbind", false, true, "f 1:2\nbelow/g 7000:8000\n"},
		{"own, recursive", "rbind ridmap", false, true, "f 1:2\nbelow/g 1:2\n"},
		{"container's", "rbind idmap", true, false, "f 7000:8000\nbelow/g 65534:65534\nnew 0:0\n"},
		{"container's, recursive", "rbind ridmap", true, false, "f 7000:8000\nbelow/g 7000:8000\nnew 0:0\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bundle(t, script)
			if c.user {
				b = userBundle(t, script)
			}
			b.Spec.Mounts = append(b.Spec.Mounts, idmapped("src", "/m", c.own, splitWords(c.options)...))
			out := onHostOutput(t, b, owned+"chown 0:0 $B/src; $run; stat -c 'host %u:%g' $B/src/new 2>/dev/null || true")
			want := c.want
			if c.user { // root of the container writes as root of the source
				want += "host 0:0\n"
			}
			if out != want {
				t.Errorf("got\n%swant\n%s", out, want)
			}
		})
	}
}

func TestIDMapRefused(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "true", mount("tmpfs", "tmpfs", "/m", "idmap"))
	b.Spec.Mounts[len(b.Spec.Mounts)-1].UIDMappings = ownMapping
	b.Spec.Mounts[len(b.Spec.Mounts)-1].GIDMappings = ownMapping
	wantRefused(t, b, "mounts[", "idmap", "bind")
	wantRefused(t, bundle(t, "true", bind("/proc/self", "/m", "idmap")), "mounts[", "options")
	// A file system that cannot be idmapped.
	wantRefused(t, bundle(t, "true", idmapped("/proc", "/m", true, "bind", "idmap")), "mounts[", "/proc", "idmap", "invalid argument")
}
