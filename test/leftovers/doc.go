// Package leftovers kills keg and the container's init at every point that a
// system call marks, and proves that `keg delete -f` then removes everything
// and that the id can be used again.
//
// It is not for what a container can do while all goes well.
package leftovers
