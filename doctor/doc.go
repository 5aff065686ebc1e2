// Package doctor examines the machine for `keg doctor`: what keg needs, one check
// after another, tried wherever trying leaves nothing behind, and what to do about
// what is missing.
//
// It is not on the way of any container, it changes nothing, and it decides
// nothing for other commands: those learn from their own errors.
package doctor
