// Package daemon is where BuildKit's programs are built: a module of its own, for
// the great number of those that they need. It has no code.
package daemon
