package podman

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// rootsUsers are root's user namespaces.
func rootsUsers() []scenario {
	return []scenario{
		{Name: "--uidmap, --gidmap", Run: mapped},
		{Name: "--userns=auto", Run: automatic},
		{Name: "--userns=container:NAME, exec", Run: joinedUsers},
		{Name: "--userns=nomap is refused as Podman does", Run: noMapAsRoot},
		{Name: "--volume :idmap with --uidmap", Run: idmapped},
	}
}

func usersUsers() []scenario {
	return []scenario{
		{Name: "root inside is the user outside", Run: rootIsUser},
		{Name: "--userns=keep-id", Run: keepID},
		{Name: "--userns=auto", Run: automatic},
		{Name: "--userns=nomap", Run: noMap},
		{Name: "--uidmap, --gidmap of the user's ranges", Run: mappedRootless},
		{Name: "--group-add keep-groups", Run: keepGroups},
		{Name: "--pid=host", Run: hostPids},
		{Name: "--device", Run: usersDevice},
	}
}

const maps = "cat /proc/self/uid_map | tr -s ' ' | sed 's/^ //'"

func mapped(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "mapped")
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	p.prints(t, "0 200000 5000\n0 0\n", maps+"; touch /mnt/f; stat -c '%u %g' /mnt/f",
		"--uidmap", "0:200000:5000", "--gidmap", "0:300000:5000", "--volume", dir+":/mnt")
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/f", &st); err != nil || st.Uid != 200000 || st.Gid != 300000 {
		t.Errorf("owner %d:%d, %v", st.Uid, st.Gid, err)
	}
	p.prints(t, "refused\n", "echo x 2>/dev/null >/proc/sys/kernel/hostname || echo refused", "--uidmap", "0:200000:5000", "--read-only")
	p.background(t, "box", "sleep 1000", "--uidmap", "0:200000:5000")
	equal(t, "exec", p.ok(t, "exec", "box", "sh", "-c", maps), "0 200000 5000")
}

func automatic(t testing.TB, p *podman) {
	for _, size := range []string{"1024", "3000"} {
		r := p.sh(t, maps, "--userns", "auto:size="+size)
		fields := strings.Fields(r.Stdout)
		if r.Code != 0 || len(fields) != 3 || fields[0] != "0" || fields[1] == "0" || fields[2] != size {
			t.Errorf("size %s: exit status %d, %s%s", size, r.Code, r.Stdout, r.Stderr)
		}
	}
}

func joinedUsers(t testing.TB, p *podman) {
	p.background(t, "first", "sleep 1000", "--uidmap", "0:200000:5000")
	ns := p.ok(t, "exec", "first", "readlink", "/proc/self/ns/user")
	p.prints(t, ns+"\n0 200000 5000\n", "readlink /proc/self/ns/user; "+maps, "--userns", "container:first")
}

func noMapAsRoot(t testing.TB, p *podman) {
	r := p.sh(t, "true", "--userns", "nomap")
	equal(t, "exit status", r.Code, 125)
}

func idmapped(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "idmapped")
	p.Write(t, "idmapped/f", "x")
	p.prints(t, "0 0\n", "stat -c '%u %g' /mnt/f; touch /mnt/g", "--uidmap", "0:200000:5000", "--gidmap", "0:200000:5000", "--volume", dir+":/mnt:idmap")
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/g", &st); err != nil || st.Uid != 0 {
		t.Errorf("owner %d, %v", st.Uid, err)
	}
}

func (p *podman) ids() (uid, gid string) {
	return strconv.Itoa(p.Account.UID), strconv.Itoa(p.Account.GID)
}

func rootIsUser(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "mine")
	p.prints(t, "0:0\n", "id -u >/dev/null; touch /mnt/f; stat -c %u:%g /mnt/f", "--volume", dir+":/mnt")
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/f", &st); err != nil || int(st.Uid) != p.Account.UID {
		t.Errorf("owner %d, %v", st.Uid, err)
	}
}

func keepID(t testing.TB, p *podman) {
	uid, gid := p.ids()
	dir := p.Mkdir(t, "kept")
	p.prints(t, uid+"\n"+gid+"\n"+uid+"\n", "id -u; id -g; touch /mnt/f; stat -c %u /mnt/f", "--userns", "keep-id", "--volume", dir+":/mnt")
	var st syscall.Stat_t
	if err := syscall.Stat(dir+"/f", &st); err != nil || int(st.Uid) != p.Account.UID {
		t.Errorf("owner %d, %v", st.Uid, err)
	}
	p.prints(t, "0\n", "id -u", "--userns", "keep-id", "--user", "0")
}

func noMap(t testing.TB, p *podman) {
	dir := p.Mkdir(t, "unmapped")
	p.prints(t, "0\n65534\n", "id -u; stat -c %u /mnt", "--userns", "nomap", "--volume", dir+":/mnt")
}

func mappedRootless(t testing.TB, p *podman) {
	p.prints(t, "0 1 1000\n0\n", maps+"; id -u", "--uidmap", "0:1:1000", "--gidmap", "0:1:1000")
}

// A directory that the user may write to only as a member of a group.
func keepGroups(t testing.TB, p *podman) {
	const group = 4242
	dir := p.Mkdir(t, "groups")
	if err := os.Chown(dir, 0, group); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o770); err != nil {
		t.Fatal(err)
	}
	member := &podman{p.InGroups(p.Account.GID, group)}
	member.prints(t, "refused\n", "touch /mnt/f 2>/dev/null || echo refused", "--volume", dir+":/mnt")
	member.prints(t, "made\n", "touch /mnt/f && echo made", "--volume", dir+":/mnt", "--group-add", "keep-groups")
	member.background(t, "box", "sleep 1000", "--volume", dir+":/mnt", "--group-add", "keep-groups")
	member.ok(t, "exec", "box", "touch", "/mnt/g")
}

func hostPids(t testing.TB, p *podman) {
	self := strconv.Itoa(os.Getpid())
	p.prints(t, p.Namespace(t, "pid")+"\n"+self+"\n", "readlink /proc/self/ns/pid; ls /proc | grep -x "+self, "--pid", "host")
	p.background(t, "box", "exec sleep 2000", "--pid", "host")
	equal(t, "exec", p.ok(t, "exec", "box", "readlink", "/proc/self/ns/pid"), p.Namespace(t, "pid"))
}

// Device nodes cannot be made: it is the machine's own, bound.
func usersDevice(t testing.TB, p *podman) {
	p.prints(t, "1:7\nfull\n", "stat -c %t:%T /dev/mine; echo x 2>/dev/null >/dev/mine || echo full", "--device", "/dev/full:/dev/mine")
}
