package kegtest

import (
	"os"
	"os/exec"
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Stalled runs a keg command and holds each message from keg to the process that
// it makes back for a second: that waits meanwhile, with most of its way behind
// it. attack runs at the same time.
func (b *Bundle) Stalled(extra []*os.File, attack func(), args ...string) Result {
	b.t.Helper()
	return b.Delayed("sendto:delay_enter=1000000", extra, attack, args...)
}

// Delayed runs a keg command with a system call of keg's, or of the process that
// it makes, delayed, in the words of strace(1), -e inject. attack runs at the
// same time.
func (b *Bundle) Delayed(call string, extra []*os.File, attack func(), args ...string) Result {
	b.t.Helper()
	name, _, _ := strings.Cut(call, ":")
	strace, err := exec.LookPath("strace")
	if err != nil {
		Skip(b.t, "no strace: run test/setup")
	}
	words := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + name, "-e", "inject=" + call}
	if args[0] == "create" || slices.Contains(args, "--detach") {
		words = append(words, "-D") // or strace waits for what keg leaves
	}
	words = append(words, Keg(b.t), "--root", b.Root)
	cmd := exec.Command(strace, append(words, args...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.ExtraFiles = extra
	done := make(chan bool)
	go func() {
		defer close(done)
		attack()
	}()
	defer func() { <-done }()
	return Finish(b.t, cmd)
}

// Privileged gives the bundle's process all capabilities that root in a
// container may have.
func (b *Bundle) Privileged() {
	var all []string
	for _, name := range strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP NET_ADMIN
		SYS_CHROOT SYS_PTRACE SYS_ADMIN SYS_RESOURCE MKNOD SETFCAP`) {
		all = append(all, "CAP_"+name)
	}
	b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: all, Effective: all, Permitted: all}
}

// Spy is a shell script that looks at every process of its pid namespace that
// is not a program yet but keg's. What it could see is in /data/found.
const Spy = `while :; do
	for p in /proc/[0-9]*; do
		read name 2>/dev/null < $p/comm && [ "${name#keg-}" != "$name" ] || continue
		[ -e /data/seen ] || echo > /data/seen
		for f in $p/fd $p/root $p/cwd $p/map_files; do ls $f/ > /data/look 2>/dev/null && echo $f >> /data/look; done
		cat $p/environ $p/maps >> /data/look 2>/dev/null
		read name 2>/dev/null < $p/comm && [ "${name#keg-}" != "$name" ] && cat /data/look >> /data/found
		rm -f /data/look
	done
done`

// SpyFound is what Spy saw; the test fails if it had nothing to look at.
func (b *Bundle) SpyFound() string {
	b.t.Helper()
	data := b.Dir + "/rootfs/data/"
	if _, err := os.Stat(data + "seen"); err != nil {
		b.t.Error("the spy has not seen keg's process: nothing was tested")
	}
	found, err := os.ReadFile(data + "found")
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	return string(found)
}
