package containerd

import (
	"os"
	"testing"
)

var mounts = []scenario{
	{Name: "--mount: a directory of the host's, written to", Run: func(t testing.TB, d *daemon) {
		dir := d.directory(t)
		d.run(t, "echo from within > /mnt/deep/er/file", "--mount", "type=bind,src="+dir+",dst=/mnt/deep/er,options=rbind:rw")
		text, err := os.ReadFile(dir + "/file")
		if string(text) != "from within\n" {
			t.Errorf("%q, %v", text, err)
		}
	}},
	{Name: "--mount: read-only", Run: func(t testing.TB, d *daemon) {
		dir := d.directory(t)
		write(t, dir+"/file", "from without")
		r := d.short(t, 1, "cat /mnt/file; echo > /mnt/file", "--mount", "type=bind,src="+dir+",dst=/mnt,options=rbind:ro")
		equal(t, "file", r.Stdout, "from without")
		contains(t, "write", r.Stderr, "Read-only file system")
	}},
	{Name: "--mount: one file, and a tmpfs with options", Run: func(t testing.TB, d *daemon) {
		write(t, d.file("one"), "one\n")
		d.prints(t, "one\n64\nok", `cat /etc/one; df -k /scratch | awk 'NR == 2 { print $2 }'
			dd if=/dev/zero of=/scratch/x bs=1k count=65 2>/dev/null || awk '$2 == "/scratch" && $4 ~ /noexec/ { print "ok" }' /proc/mounts`,
			"--mount", "type=bind,src="+d.file("one")+",dst=/etc/one,options=bind:ro",
			"--mount", "type=tmpfs,src=tmpfs,dst=/scratch,options=size=64k:noexec")
	}},
	{Name: "--read-only: the root, but not what is mounted", Run: func(t testing.TB, d *daemon) {
		r := d.short(t, 0, "echo > /dev/shm/file && ! echo > /file && echo ok", "--read-only")
		equal(t, "stdout", r.Stdout, "ok")
		contains(t, "stderr", r.Stderr, "/file: Read-only file system")
	}},
	{Name: "what one container writes, another does not see", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "echo > /data/mine; exec sleep 1000000")
		d.appears(t, id, "/data/mine")
		d.prints(t, "0", "ls /data | wc -l")
	}},
}

// directory is one of the host's for a container.
func (d *daemon) directory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(d.dir, "volume")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
