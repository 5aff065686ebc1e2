#!/bin/bash
# What a user of containerd does with its own client: the shim calls $runtime.
set -eu
dir=$1 runtime=$2 cgroup=$3
mount -t tmpfs tmpfs /run
cat >config.toml <<END
version = 2
root = "$dir/root"
state = "$dir/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$dir/c.sock"
[timeouts]
  "io.containerd.timeout.shim.cleanup" = "1m"
  "io.containerd.timeout.shim.load" = "1m"
  "io.containerd.timeout.shim.shutdown" = "1m"
  "io.containerd.timeout.task.state" = "1m"
END
containerd --config config.toml >containerd.log 2>&1 &
daemon=$!
ctr() { command ctr --address "$dir/c.sock" "$@"; }
tries=0
until ctr version >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ $tries = 600 ] || ! kill -0 $daemon; then
		tail -n 20 containerd.log >&2
		exit 1
	fi
	sleep 0.1
done
run() { ctr run --runc-binary "$runtime" --cgroup "/$cgroup/box" --rootfs "$@"; }
run --rm "$dir/rootfs" one /bin/true
run -d "$dir/rootfs" box /bin/sleep 1000
ctr task exec --exec-id a box /bin/true
ctr task exec --exec-id b --detach box /bin/true
ctr task ps box >/dev/null
ctr task metrics box >/dev/null
ctr task pause box
ctr task resume box
ctr task kill -s USR1 box
ctr task kill -s KILL box
tries=0
until ctr task delete box 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries != 600 ]
	sleep 0.1
done
ctr container delete box
if run --rm "$dir/rootfs" two no-such-program 2>/dev/null; then exit 1; fi
kill $daemon
wait $daemon
