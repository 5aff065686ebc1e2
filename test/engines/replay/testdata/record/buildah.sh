#!/bin/bash
# What a user of Buildah does.
set -eu
dir=$1 runtime=$2 cgroup=$3
mount -t tmpfs tmpfs /run
buildah() { command buildah --root "$dir/storage" --runroot "$dir/run" --storage-driver vfs "$@"; }
mkdir context
tar -C rootfs -cf context/root.tar .
cat >context/Dockerfile <<'END'
FROM scratch
ADD root.tar /
RUN true
END
flags="--isolation oci --runtime $runtime --cgroup-parent /$cgroup --network none"
# shellcheck disable=SC2086 # several words
buildah bud -q $flags -t localhost/busybox context >/dev/null
box=$(buildah from localhost/busybox)
buildah run --isolation oci --runtime "$runtime" --network none "$box" -- true
buildah run --isolation oci --runtime "$runtime" --network none -t "$box" -- true
if buildah run --isolation oci --runtime "$runtime" --network none "$box" -- no-such-program 2>/dev/null; then exit 1; fi
