// Package seccomp compiles a seccomp profile of config.json into a filter, a
// program of the kernel's classic BPF, and runs filters, so that a plan can ask
// what one will do.
//
// What the profile leaves open it decides as runc and libseccomp do; where it
// does not, test/seccomp lists it.
//
// It is not for loading filters, nor for what a container has to call under
// one: that is the plan's business.
package seccomp
