module github.com/keg-project/keg/test/engines/gorunc

go 1.26.0

tool github.com/keg-project/keg/cmd/keg

require (
	github.com/containerd/go-runc v1.2.1
	github.com/keg-project/keg v0.0.0
	github.com/opencontainers/runtime-spec v1.3.0
)

require (
	github.com/aperturerobotics/protobuf-go-lite v0.14.0 // indirect
	github.com/checkpoint-restore/go-criu/v8 v8.3.0 // indirect
	github.com/containerd/console v1.0.5 // indirect
	github.com/godbus/dbus/v5 v5.2.4 // indirect
	github.com/pelletier/go-toml/v2 v2.4.3 // indirect
	github.com/vishvananda/netlink v1.3.1 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/keg-project/keg => ../../..
