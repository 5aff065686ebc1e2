// Package buildah tries Buildah with keg as its runtime: its tests are all
// there is. As root and as an ordinary user, in both isolations that call a
// runtime; the third, chroot, calls none and says nothing about keg.
package buildah
