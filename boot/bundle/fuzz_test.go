package bundle

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// An error or a value that can be used; never a panic; the same for the same
// text. What is not JSON to encoding/json, which LinuxKit reads it with, is none
// here. No path leads out of where it belongs.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`null`, `{}`, `{"mounts":[{"destination":"tmp/x","type":"tmpfs","source":"tmpfs","options":["ro","remount","bind","size=1m"]}]}`,
		`{"cgroups":["a/../b",{"path":"/x","limits":{"pids":{"limit":1},"cpu":{"cpus":"0-3"}}}],"mkdir":["../../x","/y"]}`,
		`{"interfaces":[{"name":"a","add":"vlan","parent":"b","vlan":3,"address":["192.0.2.1/24"],"mtu":1500,"up":true,"rename":""}]}`,
		`{"bindNS":{"net":"/run/a","mnt":"/run/b"},"namespace":"x"}`, `{"INTERFACES":[{"NAME":"a","Peer":"b","createinroot":true}]}`,
	} {
		f.Add([]byte(seed))
	}
	b := Bundle{Dir: "/b"}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data)
		again, errAgain := decode(data)
		if (err == nil) != (errAgain == nil) || !reflect.DeepEqual(r, again) {
			t.Fatalf("once %+v, %v; then %+v, %v", r, err, again, errAgain)
		}
		if err != nil {
			if err.Error() == "" || !reflect.DeepEqual(r, Runtime{Unknown: r.Unknown}) {
				t.Fatalf("%+v, %q", r, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("read what is no JSON: %+v", r)
		}
		for _, c := range r.Cgroups {
			if !strings.HasPrefix(filepath.Join(cgroupRoot, c.Path)+"/", cgroupRoot+"/") {
				t.Errorf("cgroup %q", c.Path)
			}
		}
		for _, dir := range append(r.Mkdir, destinations(r.Mounts)...) {
			if p := b.place(dir).String(); !filepath.IsAbs(dir) && !strings.HasPrefix(p+"/", "/b/rootfs/") {
				t.Errorf("%q is at %s", dir, p)
			}
		}
	})
}

func destinations(mounts []Mount) []string {
	var list []string
	for _, m := range mounts {
		list = append(list, m.Destination)
	}
	return list
}
