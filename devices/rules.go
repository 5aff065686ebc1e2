package devices

import (
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Field is what errors about the list as a whole name.
const Field = "linux.resources.devices"

// Access is a set of BPF_DEVCG_ACC_*. linux/bpf.h
type Access uint8

// What may be done to a device.
const (
	Mknod Access = 1 << iota
	Read
	Write

	Everything = Mknod | Read | Write
)

// letters are what people write, and the kernel, for the kinds in this order.
const letters = "rwm"

var order = [...]Access{Read, Write, Mknod}

func (a Access) String() string {
	var s []byte
	for i, letter := range []byte(letters) {
		if a&order[i] != 0 {
			s = append(s, letter)
		}
	}
	return string(s)
}

func parseAccess(s string) (a Access) {
	for i, letter := range letters {
		if strings.ContainsRune(s, letter) {
			a |= order[i]
		}
	}
	return a
}

// Any stands for every major or minor number.
const Any = -1

// node is a device, or with Any all that have the other number.
type node struct{ major, minor int64 }

func (n node) String() string { return number(n.major) + ":" + number(n.minor) }

func number(n int64) string {
	if n == Any {
		return "*"
	}
	return strconv.FormatInt(n, 10)
}

// covers reports whether n stands for all that other stands for.
func (n node) covers(other node) bool {
	return (n.major == Any || n.major == other.major) && (n.minor == Any || n.minor == other.minor)
}

// rule is an element of the list.
type rule struct {
	field string // "linux.resources.devices[2]"; "" for what every container may use
	kind  byte   // c, b, or a: both
	node
	access Access
	allow  bool
}

func (r *rule) about(kind byte) bool { return r.kind == 'a' || r.kind == kind }

// everyContainer may use these, as with runc and crun, whatever its list says
// of all devices: the default devices, its terminals, mknod(2) of any device
// (which gives no access to it), and tun, which programs have come to expect.
// runtime-spec config-linux.md#default-devices
var everyContainer = []rule{
	{kind: 'c', node: node{Any, Any}, access: Mknod},
	{kind: 'b', node: node{Any, Any}, access: Mknod},
	{kind: 'c', node: node{1, 3}, access: Everything},     // null
	{kind: 'c', node: node{1, 5}, access: Everything},     // zero
	{kind: 'c', node: node{1, 7}, access: Everything},     // full
	{kind: 'c', node: node{1, 8}, access: Everything},     // random
	{kind: 'c', node: node{1, 9}, access: Everything},     // urandom
	{kind: 'c', node: node{5, 0}, access: Everything},     // tty
	{kind: 'c', node: node{5, 1}, access: Everything},     // console
	{kind: 'c', node: node{5, 2}, access: Everything},     // ptmx
	{kind: 'c', node: node{136, Any}, access: Everything}, // pts/*
	{kind: 'c', node: node{10, 200}, access: Everything},  // net/tun
}

// rulesOf reads the list; what is left out stands for all of its kind.
func rulesOf(list []oci.LinuxDeviceCgroup) []rule {
	rules := make([]rule, 0, len(list)+len(everyContainer))
	for i, d := range list {
		r := rule{field: Field + "[" + strconv.Itoa(i) + "]", kind: 'a', node: node{Any, Any}, access: Everything, allow: d.Allow}
		if d.Type != "" {
			r.kind = d.Type[0]
		}
		if d.Major != nil {
			r.major = *d.Major
		}
		if d.Minor != nil {
			r.minor = *d.Minor
		}
		if d.Access != "" {
			r.access = parseAccess(d.Access)
		}
		rules = append(rules, r)
	}
	return withDefaults(rules)
}

// withDefaults adds what every container may use. The list has the last word
// on a device that it names by both its numbers, as it says there.
func withDefaults(rules []rule) []rule {
	listed := len(rules)
next:
	for _, d := range everyContainer {
		for _, r := range rules[:listed] {
			if r.about(d.kind) && r.node == d.node && d.major != Any {
				continue next
			}
		}
		d.allow = true
		rules = append(rules, d)
	}
	return rules
}

// firstDenial is the field of the first rule that denies a part of the devices;
// "" where each rule allows, or repeats that what is not allowed is denied.
func firstDenial(list []oci.LinuxDeviceCgroup) string {
	for _, r := range rulesOf(list) {
		if !r.allow && (r.kind != 'a' || r.node != node{Any, Any} || r.access != Everything) {
			return r.field
		}
	}
	return ""
}
