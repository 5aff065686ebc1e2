// Package peers compares the cgroups that keg makes with those that runc and crun
// make of the same resources: the files of a created container's cgroup, and
// which devices it may use. Every difference is in a table with its reason, and
// docs/cgroup-differences.md is written from it:
//
// It is not for whether limits limit (test/limits), nor for speed (test/bench).
//
//go:generate go test -run ^TestDocument$ -docs
package peers
