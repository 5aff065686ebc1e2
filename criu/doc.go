// Package criu speaks to CRIU, the program that saves running processes to images
// and makes processes from them: it starts one, sends it a request, answers what
// it asks meanwhile, and says what went wrong.
//
// It is not for deciding what is asked: what a container's mounts, namespaces and
// descriptors are is its caller's business. The messages are go-criu's.
package criu
