// Package spec reads config.json: it decodes the runtime specification's
// configuration, checks it, and knows a default one. Every violation is
// reported, each with its JSON path, what was found and what is allowed.
//
// It is pure: what it says of a configuration does not depend on the machine
// or on the caller. Whether this kernel, this user or keg itself can do what a
// valid configuration asks for is not decided here but in package plan.
package spec

//go:generate go run github.com/keg-project/keg/jsonscan/gen -type Spec -pkg github.com/opencontainers/runtime-spec/specs-go -platform linux -strings -out decode_gen.go
