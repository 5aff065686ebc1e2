// Package gorunc drives keg with go-runc, the library by which containerd's shim,
// Docker and BuildKit call their runtime: each of its calls, as keg and under the
// name runc.
//
// It is a module of its own, so that keg's shows what ships. It is not for other
// callers' command lines (test/engines/replay).
package gorunc
