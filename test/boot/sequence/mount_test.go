package sequence

import (
	"strings"
	"testing"
)

// What LinuxKit takes for options of the file system, or leaves out.
func TestMountOptions(t *testing.T) {
	m := newMachine(t)
	m.add("000-m", bundle{script: "true", runtime: runtime{"mounts": []any{
		mount("tmpfs", "tmpfs", "/run/a", "ro", "rw", "nodev", "defaults", "size=1m", "private"),
		mount("tmpfs", "tmpfs", "/run/b", "rshared"),
		mount("", "", "/run/b", "remount", "ro", "rprivate"),
		mount("", m.path("image/bin"), "/run/c", "bind", "ro", "nosuid", "rslave"),
		mount("", m.path("image/bin"), "/run/d", "rbind"),
		mount("bind", m.path("image/etc/passwd"), "/run/e/f", "bind", "noexec"),
		mount("", m.path("image/bin"), "/run/g", "bind", "noatime", "nodiratime"),
		mount("", m.path("image/bin"), "/run/h", "bind", "noatime", "strictatime"),
		mount("", "/run/g", "/run/i", "bind", "relatime"),
	}}})
	out := m.output(`boot onboot >/dev/null; for p in a b c d e/f; do
		awk -v p=/run/$p '$5 == p { flags = $6; for (i = 7; $i != "-"; i++) flags = flags " " substr($i, 1, 6); print p, flags, ($(i+3) ~ /size=1024k/) }' /proc/self/mountinfo | sed 's/,relatime//; s/,noatime//'; done`)
	if got := m.output("boot onboot >/dev/null; for p in g h i; do awk -v p=/run/$p '$5 == p { print p, $6 }' /proc/self/mountinfo; done"); got !=
		"/run/g rw,noatime,nodiratime\n/run/h rw\n/run/i rw,nodiratime,relatime\n" {
		t.Errorf("%s", got)
	}
	want := "/run/a rw,nodev 1\n/run/b ro 0\n/run/c ro,nosuid master 0\n/run/d rw shared 0\n/run/e/f rw,noexec shared 0\n"
	if out != want {
		t.Errorf("%s", out)
	}
}

// What an overlay writes to is made where LinuxKit's images have it, in what was
// mounted just before; elsewhere that is said, once for each that was not there.
func TestOverlayIsMisspelt(t *testing.T) {
	m := newMachine(t)
	lower := "lowerdir=" + m.path("image")
	overlay := func(on string, options ...string) any { return mount("overlay", "overlay", on, options...) }
	m.add("000-good", bundle{script: "true", runtime: runtime{"mkdir": []string{"/run/later"}, "mounts": []any{
		mount("tmpfs", "tmpfs", "/run/store"),
		overlay("/run/a", lower, "upperdir=/run/store/deep/up", "workdir=/run/store/work"),
		overlay("/run/b", lower, "upperdir=/run/later/up", "workdir=/run/later/work"),
	}}})
	m.add("001-upper", bundle{script: "true", runtime: runtime{"mounts": []any{
		mount("tmpfs", "tmpfs", "/run/store2"),
		overlay("/run/c", lower, "upperdir=/run/stroe2/o/up", "workdir=/run/stroe2/work"),
	}}})
	m.add("002-work", bundle{script: "true", runtime: runtime{"mounts": []any{
		mount("tmpfs", "tmpfs", "/run/store3"),
		overlay("/run/d", lower, "upperdir=/run/store3/up", "workdir=/run/stroe3/work"),
	}}})
	for i, options := range [][]string{{"lowerdirs=/"}, {"ro"}, {lower, "upperdir=/run/store/up2"}, {lower + ":/etc/passwd", "ro"}} {
		m.add("01"+string(rune('0'+i))+"-bad", bundle{script: "true", runtime: runtime{"mounts": []any{overlay("/run/e", options...)}}})
	}
	r := m.run("boot onboot; ls -d /run/store3 /run/stroe3")
	var said strings.Builder
	for line := range strings.Lines(m.plain(r.Stderr)) {
		if strings.Contains(line, "runtime.json") {
			said.WriteString(strings.NewReplacer("onboot/", "", "invalid argument", "E", "not a directory (", "E (").Replace(line)) // kernels differ
		}
	}
	want := `001-upper: runtime.json: mounts[4]: upperdir=/run/stroe2/o/up: /run/stroe2 was not there, and is made: nothing else in the file names it, is it misspelt?
002-work: runtime.json: mounts[4]: workdir=/run/stroe3/work: /run/stroe3 was not there, and is made: nothing else in the file names it, is it misspelt?
002-work: runtime.json: mounts[4]: overlay: mount /run/d: E (hint: upperdir and workdir are on different file systems)
010-bad: runtime.json: mounts[3]: overlay: mount /run/e: E (hint: lowerdirs is no option of overlay's)
011-bad: runtime.json: mounts[3]: overlay: mount /run/e: E (hint: it has no lowerdir)
012-bad: runtime.json: mounts[3]: upperdir=/run/store/up2: /run/store/up2 was not there, and is made: nothing else in the file names it, is it misspelt?
012-bad: runtime.json: mounts[3]: overlay: mount /run/e: E (hint: it has an upperdir, and no workdir)
013-bad: runtime.json: mounts[3]: overlay: mount /run/e: E (hint: lowerdir: /etc/passwd: not a directory)
`
	if got := said.String(); got != want {
		t.Errorf("%s", got)
	}
	if strings.Contains(r.Stdout, "/run/str") {
		t.Errorf("what was made for a mount that failed is left: %s", r.Stdout)
	}
}

// A tree may be named through a link, in runtime.json as well: what is mounted
// there is found again, and no link in a container's root leads out of it.
func TestTreeBehindALink(t *testing.T) {
	m := newMachine(t)
	m.add("000-link", bundle{
		script:  "touch /target/x; grep -c ' /target ' /proc/mounts",
		runtime: runtime{"mounts": []any{mount("tmpfs", "tmpfs", m.path("link/"+m.name+"-000-link/rootfs/out"))}},
	})
	out := m.output(`
		mkdir $dir/image/target; ln -s ../../../target $dir/image/out; ln -s onboot $dir/link
		sed -i "s|$dir/onboot|$dir/link|g" $dir/onboot/*/runtime.json
		for n in 1 2; do "$keg" boot onboot --dir $dir/link | head -n 1; left; done; ls -d /target $dir/target 2>/dev/null; true`)
	if want := "1\n" + nothing; out != want+want {
		t.Errorf("%s", out)
	}
}

// A path in a container's root leads nowhere else: neither by ".." nor by links.
func TestPathsStayInTheRoot(t *testing.T) {
	m := newMachine(t)
	m.add("000-esc", bundle{
		script:  "ls -d /etc2/made /up /target/inner; touch /target/inner/x; cat /proc/mounts | grep -c ' /target/inner '",
		runtime: runtime{"mkdir": []string{"etc/made", "../../../up", "out/inner"}, "mounts": []any{mount("tmpfs", "tmpfs", "out/inner")}},
	})
	out := m.output(`
		cd $dir/image; mkdir etc2; mv etc/* etc2; rmdir etc; ln -s /etc2 etc; mkdir target; ln -s ../../../target out
		boot onboot 2>/dev/null | head -n 4; ls -d /etc2 /up /target $dir/up $dir/onboot/up 2>/dev/null; true`)
	if out != "/etc2/made\n/target/inner\n/up\n1\n" {
		t.Errorf("%s", out)
	}
}
