// Package pid1 is the first process of a machine that is made of containers, or
// of a container that holds such a system: it makes the machine ready, runs
// /etc/init.d or keg's own sequence, reaps, and takes it all down again.
//
// It is not for containers: those are its children's business (keg boot onboot,
// keg boot services). What can fail there must not take process 1 with it.
package pid1
