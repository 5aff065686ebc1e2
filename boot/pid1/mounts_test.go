package pid1

import (
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestCgroups(t *testing.T) {
	const controllers = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\nmemory\t0\t1\t0\ncpu\t0\t1\t1\n"
	tests := []struct{ cmdline, want string }{
		{"", "cgroup2:/sys/fs/cgroup"},
		{"linuxkit.unified_cgroup_hierarchy=1", "cgroup2:/sys/fs/cgroup"},
		{"linuxkit.unified_cgroup_hierarchy=0", "tmpfs:/sys/fs/cgroup cgroup:/sys/fs/cgroup/cpuset cgroup:/sys/fs/cgroup/cpu cgroup:/sys/fs/cgroup/systemd"},
	}
	for _, tt := range tests {
		if got := targets(cgroups(parseCmdline(tt.cmdline), controllers)); got != tt.want {
			t.Errorf("%q: %s", tt.cmdline, got)
		}
	}
}

func targets(table []mountPoint) string {
	var list []string
	for _, m := range table {
		list = append(list, m.kind+":"+m.target)
	}
	return strings.Join(list, " ")
}

// What is mounted already is not mounted again, but over what is something else.
func TestLacking(t *testing.T) {
	mounted := []linux.Mount{{Point: "/", Type: "tmpfs"}, {Point: "/sys", Type: "sysfs"}, {Point: "/dev", Type: "devtmpfs"}, {Point: "/run", Type: "ext4"}, {Point: "/dev", Type: "tmpfs"}}
	if got := targets(lacking(slices.Concat(memory[:1], devices, kernels[:2]), mounted)); got != "tmpfs:/run devtmpfs:/dev securityfs:/sys/kernel/security" {
		t.Error(got)
	}
}

// A mount point comes behind the one that it lies on.
func TestOrder(t *testing.T) {
	table := slices.Concat(early, memory, devices, belowDev, kernels, cgroups(nil, ""))
	for i, m := range table {
		for _, later := range table[i+1:] {
			if strings.HasPrefix(m.target, later.target+"/") {
				t.Errorf("%s is mounted before %s", m.target, later.target)
			}
		}
	}
}

func TestUnmountOrder(t *testing.T) {
	var mounts []linux.Mount
	for _, point := range []string{"/", "/proc", "/dev", "/dev/pts", "/devices", "/var", "/var/lib/a/b", "/run", "/var/lib", "/run/netns/x", "/var", "/sys/fs/cgroup", "/data"} {
		mounts = append(mounts, linux.Mount{ID: len(mounts), Point: point})
	}
	var got []string
	for _, m := range unmountOrder(mounts) {
		got = append(got, m.Point)
		if m.Point == "/var" && !slices.Contains(got[:len(got)-1], "/var") && m.ID != 10 {
			t.Error("of two on one point the lower one is first")
		}
	}
	want := "/var/lib/a/b /run/netns/x /var/lib /data /var /run /var /devices"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}
