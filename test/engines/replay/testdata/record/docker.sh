#!/bin/bash
# What a user of Docker does: the daemon's shim calls $runtime.
set -eu
dir=$1 runtime=$2 cgroup=$3
mount -t tmpfs tmpfs /run
docker() { command docker -H "unix://$dir/d.sock" "$@"; }
dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/dockerd.pid" --host "unix://$dir/d.sock" \
	--storage-driver vfs --bridge none --iptables=false --ip-forward=false --ip-masq=false --oom-score-adjust 0 \
	--cgroup-parent "/$cgroup" --add-runtime "other=$runtime" --default-runtime other >"$dir/dockerd.log" 2>&1 &
daemon=$!
tries=0
until docker version >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ $tries = 600 ] || ! kill -0 $daemon; then
		tail -n 20 "$dir/dockerd.log" >&2
		exit 1
	fi
	sleep 0.1
done
docker info >/dev/null
tar -C rootfs -c . | docker import - busybox >/dev/null
docker run --rm busybox true
docker run -t --rm busybox true
docker run -i --rm busybox cat </dev/null
docker run -d --name box busybox sleep 1000 >/dev/null
docker exec box true
docker exec -t box true
docker exec -d box true
docker top box >/dev/null
docker stats --no-stream box >/dev/null
docker pause box
docker unpause box
docker update --memory 64m --memory-swap 64m --cpus 0.5 box
docker kill -s USR1 box
docker stop -t 0 box
docker start box
docker restart -t 0 box
docker rm -f box
if docker run --rm busybox no-such-program 2>/dev/null; then exit 1; fi
kill $daemon
wait $daemon
