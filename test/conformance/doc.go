// Package conformance runs the validation programs of the OCI's runtime-tools
// against keg, runc and crun, one beside the other: what a peer passes keg passes,
// and where keg fails, the clause of the specification or the fact about the
// machine that is the cause stands in a table. docs/conformance.md is written from
// what came of it.
//
// It is a module of its own since the programs bring modules that keg has no use
// for. It is not for keg's own tests: a clause that the programs do not reach is
// tested where its subject is.
//
//go:generate go test -count=1 -run ^TestDocument$ -docs
package conformance
