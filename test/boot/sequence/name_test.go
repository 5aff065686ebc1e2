package sequence

import (
	"strings"
	"testing"
)

// By the names of LinuxKit's links, in /etc/init.d and elsewhere, keg does what
// those stand for, with the trees where LinuxKit has them.
func TestNames(t *testing.T) {
	m := newMachine(t)
	m.add("000-a", bundle{script: "echo on"})
	m.add("001-b", bundle{script: "echo off", tree: "onshutdown"})
	r := m.run(`
		mkdir /run/bin /run/containers; for n in 010-onboot 010-onshutdown service 005-volumes 020-containerd; do ln -s "$keg" /run/bin/$n; done
		mkdir /containers; trap 'umount /containers; rmdir /containers' EXIT; mount --bind $dir /containers
		cd /run/bin
		for n in ./010-onboot ./010-onshutdown './service onboot'; do $n 2>/dev/null | head -n 1; done
		mkdir -p $dir/volumes/v/lower $dir/volumes/v/merged; ./005-volumes
		./service nothing
		./020-containerd --nothing`)
	if r.Stdout != "on\noff\non\n" {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
	for _, want := range []string{"Volume v is read-only, bind-mounting read-only\n", "keg: boot: unknown command \"nothing\"", "keg: boot services: unknown flag --nothing"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in %s", want, r.Stderr)
		}
	}
}

// A volume is writable where the image has a directory for that. One that is not
// whole does not keep the others from being mounted, and another call changes
// nothing.
func TestVolumes(t *testing.T) {
	m := newMachine(t)
	r := m.run(`
		cd $dir; mkdir -p volumes/ro/lower volumes/ro/merged volumes/rw/lower volumes/rw/merged volumes/rw/tmp volumes/part/lower
		echo ro >volumes/ro/lower/file; echo rw >volumes/rw/lower/file
		boot volumes; echo $?; boot volumes
		cat volumes/*/merged/file; touch volumes/ro/merged/x 2>/dev/null || echo read-only; touch volumes/rw/merged/x && ls volumes/rw/lower volumes/rw/tmp/upper
		grep -c " $dir/" /proc/self/mountinfo`)
	if want := "1\nro\nrw\nread-only\nvolumes/rw/lower:\nfile\n\nvolumes/rw/tmp/upper:\nx\n3\n"; r.Stdout != want {
		t.Errorf("%s\n%s", r.Stdout, r.Stderr)
	}
	if err := m.plain(r.Stderr); strings.Count(err, "Volume ") != 2 || strings.Count(err, "keg: volume part: open DIR/volumes/part/merged: no such file or directory\n") != 2 {
		t.Errorf("%s", err)
	}
}
