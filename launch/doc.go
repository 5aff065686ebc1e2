// Package launch carries out the host's side of a plan: it opens what the init
// inherits, clones it, writes the id mappings, answers its requests, and maps
// what it reports back to the plan's steps.
//
// It is not for deciding: what is done, and in which order, is the plan's
// business.
package launch
