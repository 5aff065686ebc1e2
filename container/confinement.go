package container

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// confinement is what a configuration demands of processes that no plan of its
// has made.
type confinement struct {
	plan.Confinement
	init     int               // the first process
	joined   []uint64          // inode numbers of the namespaces in Joined
	outside  map[uint64]uint64 // of keg's namespaces, by type
	criu     uint64            // and of the mount namespace that CRIU works in
	cgroups  []cgroup.Where    // of CRIU, which is in the container's
	filters  int               // that keg is under itself
	uid, gid []string          // lines of the maps of ids
}

// relabel takes up `--lsm-profile`, which replaces the configuration's.
func (c *confinement) relabel(profile string) {
	switch kind, name, _ := strings.Cut(profile, ":"); kind {
	case "apparmor":
		c.AppArmor = name
	case "selinux":
		c.SELinux = name
	}
}

// readOwn reads what is keg's own, which a container's is or is not.
func (c *confinement) readOwn(server int) (err error) {
	c.outside = map[uint64]uint64{}
	for _, n := range namespaceFiles {
		ino, err := linux.NamespaceInode(os.Getpid(), n.name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		c.outside[n.kind] = ino
	}
	if c.criu, err = linux.NamespaceInode(server, "mnt"); err != nil {
		return err
	}
	if c.cgroups, err = cgroup.WhereIs(server); err != nil {
		return err
	}
	own, err := linux.OwnStatus()
	if err != nil {
		return err
	}
	c.filters = filters(own)
	if c.Maps != nil {
		c.uid, c.gid = mapLines(c.Maps.UID), mapLines(c.Maps.GID)
		return nil
	}
	if c.uid, err = readMap(os.Getpid(), "uid_map"); err == nil {
		c.gid, err = readMap(os.Getpid(), "gid_map")
	}
	return err
}

// deviation is a process that is not what the configuration says.
type deviation struct {
	pid                    int
	field, what, got, want string
}

func (d *deviation) Error() string {
	name, _ := os.ReadFile("/proc/" + strconv.Itoa(d.pid) + "/comm")
	return fmt.Sprintf("%s: process %d of the images (%q): %s is %s, and must be %s (hint: they are of another configuration, or forged)",
		d.field, d.pid, bytes.TrimSpace(name), d.what, d.got, d.want)
}

// check holds a process against the configuration, thread by thread. What has
// ended meanwhile needs no confinement.
func (c *confinement) check(pid int) error {
	tids, err := linux.Threads(pid)
	if err != nil {
		return unlessEnded(pid, err)
	}
	for _, tid := range tids {
		if err := c.checkThread(pid, tid); err != nil {
			return unlessEnded(tid, err)
		}
	}
	return nil
}

func unlessEnded(tid int, err error) error {
	if _, ended := linux.ProcStat(tid); errors.Is(ended, os.ErrNotExist) || errors.Is(ended, syscall.ESRCH) {
		return nil
	}
	return err
}

// checkThread: threads have numbers in /proc as processes do.
func (c *confinement) checkThread(pid, tid int) error {
	status, err := linux.StatusOf(tid)
	if err != nil {
		return err
	}
	if s := status.Field("State"); s != "" && (s[0] == 'Z' || s[0] == 'X') {
		return nil // it runs no more
	}
	d := c.status(status)
	for _, look := range []func(int) (*deviation, error){c.namespaces, c.ids, c.within, c.labels} {
		if d == nil && err == nil {
			d, err = look(tid)
		}
	}
	if d == nil || err != nil {
		return err
	}
	d.pid = pid
	return d
}

// filters is the number of seccomp filters, which processes inherit from keg, too.
func filters(s linux.ProcStatus) int {
	n, _ := strconv.Atoi(s.Field("Seccomp_filters")) // none on a kernel that has none
	return n
}

func (c *confinement) status(s linux.ProcStatus) *deviation {
	if got := filters(s); c.Filter && got <= c.filters {
		return &deviation{field: "linux.seccomp", what: "Seccomp_filters", got: strconv.Itoa(got), want: "more than " + strconv.Itoa(c.filters)}
	}
	if got := s.Field("NoNewPrivs"); c.NoNewPrivileges && got != "1" {
		return &deviation{field: "process.noNewPrivileges", what: "NoNewPrivs", got: got, want: "1"}
	}
	for _, set := range [...]struct {
		name, field string
		most        uint64
	}{
		{"CapBnd", "bounding", c.Bounding}, {"CapPrm", "permitted", c.Capabilities}, {"CapEff", "effective", c.Capabilities},
		{"CapInh", "inheritable", c.Capabilities}, {"CapAmb", "ambient", c.Capabilities},
	} {
		got, err := s.Bits(set.name)
		if err != nil || got&^set.most != 0 {
			return &deviation{
				field: "process.capabilities." + set.field, what: set.name, got: s.Field(set.name) + ", with " + plan.CapabilityNames(got&^set.most),
				want: fmt.Sprintf("within %016x", set.most),
			}
		}
	}
	return nil
}

// nestable are the types of which a process of the container may have made another
// that images hold.
const nestable = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWCGROUP

// namespaces: those of the container's own are neither keg's nor, of mounts,
// CRIU's; and those that are another's are that one.
func (c *confinement) namespaces(tid int) (*deviation, error) {
	for _, n := range namespaceFiles {
		ino, err := linux.NamespaceInode(tid, n.name)
		if errors.Is(err, os.ErrNotExist) && c.outside[n.kind] == 0 {
			continue // the kernel has no such type
		}
		if err != nil {
			return nil, err
		}
		d := &deviation{what: "ns/" + n.name, got: strconv.FormatUint(ino, 10)}
		if c.Private&n.kind != 0 && (ino == c.outside[n.kind] || ino == c.criu) {
			d.field, d.want = "linux.namespaces", "another than the caller's, which it is"
			return d, nil
		}
		j := slices.IndexFunc(c.Joined, func(j plan.Joined) bool { return j.Kind == n.kind })
		if j < 0 || ino == c.joined[j] || nestable&n.kind != 0 && tid != c.init && ino != c.outside[n.kind] {
			continue
		}
		d.field, d.want = c.Joined[j].Field, strconv.FormatUint(c.joined[j], 10)+", that of "+c.Joined[j].Path
		return d, nil
	}
	return nil, nil
}

func (c *confinement) ids(tid int) (*deviation, error) {
	for _, m := range [...]struct {
		file, field string
		want        []string
	}{{"uid_map", "linux.uidMappings", c.uid}, {"gid_map", "linux.gidMappings", c.gid}} {
		got, err := readMap(tid, m.file)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(got, m.want) {
			return &deviation{field: m.field, what: m.file, got: strings.Join(got, ", "), want: strings.Join(m.want, ", ")}, nil
		}
	}
	return nil, nil
}

// readMap reads a map of ids: its lines in some order, as the kernel has one of
// its own for long maps. user_namespaces(7)
func readMap(pid int, name string) ([]string, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/" + name)
	var lines []string
	for line := range strings.Lines(string(text)) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	slices.Sort(lines)
	return lines, err
}

func mapLines(list []plan.IDMapping) []string {
	var lines []string
	for _, m := range list {
		lines = append(lines, fmt.Sprintf("%d %d %d", m.ContainerID, m.HostID, m.Size))
	}
	slices.Sort(lines)
	return lines
}

// within: a process in another cgroup would neither be limited nor found by delete.
func (c *confinement) within(tid int) (*deviation, error) {
	list, err := cgroup.WhereIs(tid)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		i := slices.IndexFunc(c.cgroups, func(own cgroup.Where) bool { return own.Controller == g.Controller })
		if i < 0 || below(g.Path, c.cgroups[i].Path) {
			continue
		}
		what := strings.TrimSpace("the cgroup " + g.Controller)
		return &deviation{field: "linux.cgroupsPath", what: what, got: g.Path, want: c.cgroups[i].Path + " or below"}, nil
	}
	return nil, nil
}

// below tells whether a cgroup is another, or in it. What is outside of keg's cgroup
// namespace begins with /.. cgroup_namespaces(7)
func below(cgroup, root string) bool {
	rest, ok := strings.CutPrefix(cgroup, strings.TrimSuffix(root, "/"))
	return ok && (rest == "" || rest[0] == '/') && rest != "/.." && !strings.HasPrefix(rest, "/../")
}

// labels of AppArmor and SELinux.
func (c *confinement) labels(tid int) (*deviation, error) {
	dir := "/proc/" + strconv.Itoa(tid) + "/attr/"
	if c.AppArmor != "" {
		label, err := readLabel(dir+"apparmor/current", dir+"current") // the first since Linux 5.8
		if err != nil {
			return nil, err
		}
		if !underProfile(label, c.AppArmor) {
			return &deviation{field: "process.apparmorProfile", what: "the label", got: label, want: c.AppArmor}, nil
		}
	}
	if c.SELinux == "" {
		return nil, nil
	}
	label, err := readLabel(dir + "current")
	if err == nil && label != c.SELinux {
		return &deviation{field: "process.selinuxLabel", what: "the label", got: label, want: c.SELinux}, nil
	}
	return nil, err
}

// underProfile: a profile's own children, which a program may enter, are below it.
func underProfile(label, profile string) bool {
	return label == profile || strings.HasPrefix(label, profile+"//")
}

// readLabel reads the first file that is there: "PROFILE (MODE)", or a context.
func readLabel(names ...string) (label string, err error) {
	var text []byte
	for _, name := range names {
		if text, err = os.ReadFile(name); !errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	label, _, _ = strings.Cut(strings.TrimRight(string(text), "\n\x00"), " (")
	return label, err
}
