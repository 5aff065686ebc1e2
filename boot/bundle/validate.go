package bundle

import (
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/keg-project/keg/spec"
)

// checker collects what is wrong with a runtime.json, as spec's does for a
// config.json.
type checker struct{ list spec.Violations }

func (c *checker) bad(path, found, allowed string) {
	c.list = append(c.list, spec.Violation{Path: path, Found: found, Allowed: allowed})
}

func (c *checker) runtime(r *Runtime) {
	for i := range r.Mounts {
		c.mount(at("mounts", i), &r.Mounts[i])
	}
	for i, dir := range r.Mkdir {
		c.text(at("mkdir", i), dir)
	}
	for i := range r.Cgroups {
		c.cgroup(at("cgroups", i), &r.Cgroups[i])
	}
	for i := range r.Interfaces {
		c.link(at("interfaces", i), &r.Interfaces[i])
	}
	c.namespaces(r.BindNS)
}

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// text refuses what the kernel would cut short.
func (c *checker) text(path, s string) {
	if strings.IndexByte(s, 0) >= 0 {
		c.bad(path, strconv.Quote(s), "a string without NUL")
	}
}

func (c *checker) present(path, s, allowed string) {
	c.text(path, s)
	if s == "" {
		c.bad(path, "nothing", allowed)
	}
}

func (c *checker) mount(path string, m *Mount) {
	c.present(path+".destination", m.Destination, "a path, absolute or below the container's root")
	c.text(path+".type", m.Type)
	c.text(path+".source", m.Source)
	for i, o := range m.Options {
		c.text(at(path+".options", i), o)
	}
	o := parseOptions(m)
	switch {
	case o.bind && m.Source == "" && !o.remount:
		c.bad(path+".source", "nothing", "the path that is bound")
	case m.Type == "" && !o.bind && !o.remount && o.propagation == 0:
		c.bad(path+".type", "nothing", "a type of file system; or the option bind, remount, or one of propagation")
	}
}

func (c *checker) cgroup(path string, g *Cgroup) {
	c.present(path, g.Path, "a path below /sys/fs/cgroup")
	if !filepath.IsLocal(strings.TrimLeft(g.Path, "/")) && g.Path != "" {
		c.bad(path, strconv.Quote(g.Path), "a path that stays below /sys/fs/cgroup")
	}
	if g.Limits == nil {
		return
	}
	if err := spec.ValidateResources(g.Limits); err != nil {
		for _, v := range err.(spec.Violations) {
			c.bad(path+".limits."+v.Path, v.Found, v.Allowed)
		}
	}
	if len(g.Limits.Devices) > 0 {
		c.bad(path+".limits.devices", "a list", "nothing: a container's own devices are in its config.json")
	}
}

// Types of links that are made on another one.
const onParent = " macvlan macvtap ipvlan ipvtap vlan "

func (c *checker) link(path string, l *Interface) {
	c.linkName(path+".name", l.Name)
	if l.Rename != "" {
		c.linkName(path+".rename", l.Rename)
	}
	c.text(path+".add", l.Add)
	kind := l.kind()
	switch {
	case kind == "veth" && l.Peer == "":
		c.bad(path+".peer", "nothing", "the name of a veth's other end")
	case kind == "veth":
		c.linkName(path+".peer", l.Peer)
	}
	if l.Rename != "" && kind != "" {
		c.bad(path+".rename", strconv.Quote(l.Rename), "nothing for an interface that is made: name is its name")
	}
	c.parent(path, kind, l)
	c.addresses(path+".address", l.Address)
	if l.MTU != 0 && l.MTU < 68 { // RFC 791
		c.bad(path+".mtu", strconv.Itoa(int(l.MTU)), "68 or more")
	}
}

func (c *checker) parent(path, kind string, l *Interface) {
	on := kind != "" && strings.Contains(onParent, " "+kind+" ")
	switch {
	case on:
		c.linkName(path+".parent", l.Parent)
	case l.Parent != "":
		c.bad(path+".parent", strconv.Quote(l.Parent), "nothing but for"+strings.TrimRight(onParent, " "))
	}
	switch {
	case kind == "vlan" && (l.VLAN == 0 || l.VLAN > 4094):
		c.bad(path+".vlan", strconv.Itoa(int(l.VLAN)), "1 to 4094")
	case kind != "vlan" && l.VLAN != 0:
		c.bad(path+".vlan", strconv.Itoa(int(l.VLAN)), "nothing but for a vlan")
	}
}

// linkName: dev_valid_name in net/core/dev.c
func (c *checker) linkName(path, name string) {
	switch {
	case name == "":
		c.bad(path, "nothing", "an interface's name")
	case len(name) > 15 || name == "." || name == ".." || strings.ContainsAny(name, "/: \t\n\v\f\r\x00"):
		c.bad(path, strconv.Quote(name), "an interface's name: at most 15 bytes, without space, colon and slash")
	}
}

func (c *checker) addresses(path string, list []string) {
	for i, a := range list {
		if _, err := netip.ParsePrefix(a); err != nil {
			c.bad(at(path, i), strconv.Quote(a), "an address with the length of its network, such as 192.0.2.7/24")
		}
	}
}

func (c *checker) namespaces(n Namespaces) {
	used := map[string]string{}
	for _, ns := range n.each() {
		path := "bindNS." + ns.name
		c.text(path, ns.file)
		clean := filepath.Clean(ns.file)
		switch other := used[clean]; {
		case ns.file == "":
			continue
		case !filepath.IsAbs(ns.file) || strings.HasSuffix(ns.file, "/"):
			c.bad(path, strconv.Quote(ns.file), "the absolute path of a file")
		case other != "":
			c.bad(path, strconv.Quote(ns.file), "another path than "+other+"'s")
		}
		used[clean] = path
	}
}
