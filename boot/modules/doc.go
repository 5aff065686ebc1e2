// Package modules loads kernel modules: by name, or by the alias that a device
// or the kernel gives, with what they depend on. It reads the text files that
// depmod(8) writes, and so needs no program.
//
// It is not for removing modules, nor for install and remove commands of
// modprobe.d(5), which are scripts.
package modules
