package box

import (
	"cmp"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// compose writes the configuration of a box: the same for the same arguments,
// but for what the root's passwd file says and whether the volumes exist.
func compose(r root, o *Options, c *caller) (*specs.Spec, error) {
	uids, gids, err := c.idMaps()
	if err != nil {
		return nil, err
	}
	who, err := resolveUser(o.User, r.names)
	if err != nil {
		return nil, err
	}
	if err := who.checkMapped(uids, gids); err != nil {
		return nil, err
	}
	binds, err := volumes(o.Volumes, c.workdir)
	if err != nil {
		return nil, err
	}
	hostNet := o.Net == "host"
	s := &specs.Spec{
		Version:  specs.Version,
		Root:     &specs.Root{Path: r.path, Readonly: o.ReadOnly},
		Hostname: cmp.Or(o.Hostname, "keg"),
		Process:  process(o, who, c.env),
		Mounts:   slices.Concat(r.mounts, kernelMounts(gids), networkMounts(hostNet, c.resolvConf), cgroupMount(), readOnlyMounts(r, o), binds),
		Linux: &specs.Linux{
			Namespaces:    namespaces(hostNet),
			UIDMappings:   uids,
			GIDMappings:   gids,
			Resources:     limits(o),
			MaskedPaths:   maskedPaths(),
			ReadonlyPaths: readonlyPaths(),
		},
	}
	s.Annotations = map[string]string{childOfInit: "true"}
	if r.throwAway {
		s.Annotations[rootOverlay] = onTmpfs
	}
	return s, nil
}

func namespaces(hostNet bool) []specs.LinuxNamespace {
	list := []specs.LinuxNamespace{
		{Type: specs.UserNamespace}, {Type: specs.PIDNamespace}, {Type: specs.MountNamespace}, {Type: specs.IPCNamespace},
		{Type: specs.UTSNamespace}, {Type: specs.CgroupNamespace}, {Type: specs.TimeNamespace},
	}
	if !hostNet {
		list = append(list, specs.LinuxNamespace{Type: specs.NetworkNamespace})
	}
	return list
}
