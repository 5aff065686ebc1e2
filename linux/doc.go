// Package linux is the only importer of golang.org/x/sys/unix: the constants
// by which plans name system calls and flags, and thin wrappers that always
// set O_CLOEXEC and return errors that name the call and the path.
//
// It is not for policy: nothing here decides, retries by path, or knows what a
// container is.
package linux
