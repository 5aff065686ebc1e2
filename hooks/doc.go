// Package hooks calls the hooks of a config.json one after the other: it feeds
// them the container's state, keeps what they print last for the error, and
// ends those that take too long.
//
// It is not for deciding when a hook's time is (package container does), and
// it starts only those that run where keg runs: how one gets into a
// container's namespaces is its caller's business.
//
// https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks
package hooks
