package spec

import (
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// mounts: a relative destination is deprecated but valid, and relative to "/"
// (config.md#mounts).
func (c *checker) mounts(root *path, list []oci.Mount) {
	p := root.field("mounts")
	for i := range list {
		e := p.at(i)
		c.mount(&e, &list[i])
	}
}

func (c *checker) mount(p *path, v *oci.Mount) {
	destination, source := p.field("destination"), p.field("source")
	if v.Destination == "" {
		c.missing(&destination, "a path")
	}
	bind := slices.Contains(v.Options, "bind") || slices.Contains(v.Options, "rbind")
	if bind && v.Source == "" && !slices.Contains(v.Options, "remount") {
		c.missing(&source, "a path, for a bind mount")
	}
	c.mountMappings(p, v, bind)
}

// mountMappings: config.md#posix-platform-mounts and the rows idmap and ridmap
// of its table of options.
func (c *checker) mountMappings(p *path, v *oci.Mount, bind bool) {
	uids, gids, options := p.field("uidMappings"), p.field("gidMappings"), p.field("options")
	c.bothMappings(&uids, &gids, v.UIDMappings, v.GIDMappings)
	mapped := len(v.UIDMappings) > 0 || len(v.GIDMappings) > 0
	i := slices.IndexFunc(v.Options, func(o string) bool { return o == "idmap" || o == "ridmap" })
	own := slices.ContainsFunc(v.Options, hasOwnMapping)
	if mapped && i < 0 && !own && !bind {
		c.bad(&options, "uidMappings and gidMappings", "mappings with one of bind, rbind, idmap, ridmap only")
	}
	if i >= 0 && !mapped && !c.has(oci.UserNamespace) {
		e := options.at(i)
		c.bad(&e, quote(v.Options[i]), "none without mappings, here or of a namespace of type user")
	}
}

// hasOwnMapping: idmap=uids=0-1000-1;gids=... brings its mapping along.
func hasOwnMapping(option string) bool {
	return strings.HasPrefix(option, "idmap=") || strings.HasPrefix(option, "ridmap=")
}
