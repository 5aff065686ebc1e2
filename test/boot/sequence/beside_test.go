package sequence

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// loop does with runc, mount and ip what the bundles of the comparison ask for.
// It sees a container's end by that of its standard output.
const loop = `
mkfifo /run/end
for b in "$dir"/onboot/*; do
	id=${b##*/}
	mount -t tmpfs tmpfs "$b/tmp"
	mkdir "$b/tmp/upper" "$b/tmp/work"
	mount -t overlay overlay -o "lowerdir=$dir/image,upperdir=$b/tmp/upper,workdir=$b/tmp/work" "$b/rootfs"
	mkdir -p "$b/rootfs/made/by"
	cat </run/end >"/run/$id.log" & reader=$!
	runc create --bundle "$b" --pid-file /run/pid "$id" >/run/end 2>/run/err </dev/null || { cat /run/err >&2; exit 1; }
	read -r pid </run/pid || [ -n "$pid" ]
	ip link add eth0 netns "$pid" type veth peer name "out${id##*-}"
	runc start "$id"
	wait $reader
	runc delete "$id" 2>/dev/null || { sleep 0.01; runc delete -f "$id"; }
	umount "$b/rootfs"; umount "$b/tmp"
	cat "/run/$id.log"
done
`

// Twenty bundles from end to end, with keg and with runc in turn; the ratio is
// that of medians.
func BenchmarkBeside(b *testing.B) {
	if _, err := exec.LookPath("runc"); err != nil {
		b.Fatal(err)
	}
	m := newMachine(b)
	for i := range 20 {
		name := fmt.Sprintf("%03d", i)
		m.add(name, bundle{script: "ls -d /made/by /sys/class/net/eth0", change: ownNetwork, runtime: runtime{
			"mkdir": []string{"made/by"}, "interfaces": []any{link("name", "eth0", "peer", "out"+name)},
		}})
	}
	ways := []struct {
		name, script string
		took         []time.Duration
	}{{name: "keg", script: "boot onboot 2>/dev/null"}, {name: "runc and a shell", script: loop}}
	for b.Loop() {
		for i := range ways {
			w := &ways[i]
			begin := time.Now()
			r := m.run(w.script)
			w.took = append(w.took, time.Since(begin))
			if n := strings.Count(r.Stdout, "/made/by\n/sys/class/net/eth0\n"); r.Code != 0 || n != 20 {
				b.Fatalf("%s: %d, %d times\n%s%s", w.name, r.Code, n, r.Stdout, r.Stderr)
			}
		}
	}
	median := func(d []time.Duration) time.Duration { slices.Sort(d); return d[len(d)/2] }
	keg, runc := median(ways[0].took), median(ways[1].took)
	b.ReportMetric(float64(keg.Milliseconds()), "keg-ms")
	b.ReportMetric(float64(runc.Milliseconds()), "runc-ms")
	b.ReportMetric(float64(keg)/float64(runc), "keg/runc")
}
