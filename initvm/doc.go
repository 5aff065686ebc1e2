// Package initvm is the container's first process: an interpreter of system
// calls of some 300 bytes, the ELF image that holds it with one program, and
// the sealed memfd that it is executed from.
//
// It knows nothing of containers: what a program does is its business, the
// interpreter only runs ops one after another (package program has their
// layout) and reports the one that failed.
package initvm
