#!/bin/bash
# What a user of Podman does: conmon calls $runtime, and so does Podman.
set -eu
dir=$1 runtime=$2 cgroup=$3
mount -t tmpfs tmpfs /run
podman() {
	command podman --root "$dir/storage" --runroot "$dir/run" --tmpdir "$dir/tmp" --storage-driver vfs --events-backend none \
		--cgroup-manager cgroupfs --runtime "$runtime" "$@"
}
run() { podman run --network none --cgroup-parent "/$cgroup" "$@"; }
tar -C rootfs -c . | podman import -q - localhost/busybox >/dev/null
podman info >/dev/null
# Who deletes what has ended, Podman or the clean-up that conmon starts, is whoever is
# first: with standard output at the same place, Podman does it in one way only.
run --rm localhost/busybox true >/dev/null
run -t --rm localhost/busybox true >/dev/null
run -i --rm localhost/busybox cat </dev/null >/dev/null
run -d --name box localhost/busybox sleep 1000 >/dev/null
podman exec box true
podman exec -d box true
podman exec -t box true
podman top box >/dev/null
podman stats --no-stream --no-reset box >/dev/null
podman pause box >/dev/null
podman unpause box >/dev/null
podman update --memory 64m box >/dev/null
podman kill -s USR1 box >/dev/null
podman stop -t 0 box >/dev/null
podman start box
podman rm -f -t 0 box >/dev/null
# Here only one of them can delete: Podman, and then the clean-up.
podman create --name idle --network none --cgroup-parent "/$cgroup" localhost/busybox true >/dev/null
podman init idle >/dev/null
podman rm idle >/dev/null
run -d --rm --name short localhost/busybox true >/dev/null
while podman container exists short; do sleep 0.1; done
if run --rm localhost/busybox no-such-program >/dev/null 2>&1; then exit 1; fi
