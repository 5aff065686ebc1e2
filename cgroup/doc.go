// Package cgroup makes, finds, fills, freezes, measures, empties and removes a
// container's control groups, on cgroup v2, on v1, and on the mixture of both.
//
// It knows nothing of containers: it is given paths, process ids, and limits as
// files and values (package resources). It does not speak to systemd. What it
// removes or kills is what its caller recorded as made for one container, never
// the caller's own cgroup and never the root of a hierarchy.
package cgroup
