// Package errors breaks configurations and environments, and compares what keg
// says with testdata/messages.txt, word for word: the step, the config field,
// the path, the errno and, where it is known, what to do. After every failure
// nothing may be left.
//
// `go test ./test/errors -update` writes the messages anew; read them as the
// person who gets them.
package errors
