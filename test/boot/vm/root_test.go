package vm

import "testing"

// Who stays in the initramfs has containers there, too: pivot_root(2) refuses to
// leave such a root.
func TestKeptRoot(t *testing.T) {
	m := newMachine(t)
	m.busybox()
	m.kernel.add(t, &m.initramfs, "overlay")
	m.link("/bin/keg", "/init")
	m.append = "keg.root=keep"
	m.file("/of-the-machine", 0o644, nil)
	x := &tree{machine: m}
	x.image("/b/rootfs")
	m.script("/etc/init.d/000-look", keptRoot)
	c := m.boot()
	c.wants(`keg is process 1`, `^root: rootfs`,
		`^inside: root is overlay`, `^inside: bin data dev .*`,
		`^exec: sleep is 1$`, `^above: bin dev proc run sys$`, `power off now`)
	c.lacks("Kernel panic", "panic:", "^inside: .*of-the-machine", "^mounts left")
}

const keptRoot = `
echo root: $(grep ' / / ' /proc/self/mountinfo | sed 's/.* - //')
export XDG_CACHE_HOME=/run/cache
before=$(wc -l </proc/mounts)
keg shell -- sh -c 'echo inside: root is $(grep " / / " /proc/self/mountinfo | sed "s/.* - //"); echo inside: $(ls /); exit 7'
echo status: $?
mkdir /run/b && cd /run/b && keg spec
sed -i 's/"sh"/"sleep", "1000"/; s/"terminal": true/"terminal": false/; s#"rootfs"#"/b/rootfs"#' config.json
keg run -d box </dev/null >/dev/null 2>/run/said; cat /run/said
echo exec: $(keg exec box cat /proc/1/comm) is 1
echo above: $(keg exec box ls /../..)
keg delete -f box
[ $(wc -l </proc/mounts) = $before ] || echo mounts left: $(cat /proc/mounts)
kill -USR2 1; sleep 100
`

// keg prepares the root, and another is the machine's first process.
func TestOtherInit(t *testing.T) {
	m := newMachine(t)
	m.busybox()
	m.append = "keg.init=/sbin/other"
	m.script("/etc/init.d/000-not", "echo must not run\n")
	m.script("/sbin/other", "mount -t proc proc /proc 2>/dev/null\necho $(cat /proc/$$/comm) is process $$, root is $(stat -f -c %T /)\nreboot -f\n")
	c := m.boot()
	c.wants(`^other is process 1, root is tmpfs$`)
	c.lacks("Kernel panic", "must not run")
}
