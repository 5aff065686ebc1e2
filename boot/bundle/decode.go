package bundle

import (
	"github.com/keg-project/keg/jsonscan"
	"github.com/keg-project/keg/spec"
)

// decode reads a runtime.json, as LinuxKit does with encoding/json: regardless of
// letter case; what it does not know is only named in Unknown. Unlike LinuxKit's,
// the error names every value that is wrong: it is spec.Violations, or
// *jsonscan.SyntaxError.
//
// The decoders are written by hand: a cgroup is a string or an object, an address a
// string or a list, and limits are spec's to decode, for which jsonscan/gen has no words.
func decode(data []byte) (Runtime, error) {
	s := jsonscan.New(data)
	var r Runtime
	decodeRuntime(s, &r)
	mismatches, err := s.Close()
	if err != nil {
		return Runtime{}, err
	}
	r.Unknown = s.UnknownMembers()
	c := new(checker)
	for _, m := range mismatches {
		c.list = append(c.list, spec.Violation(m))
	}
	c.runtime(&r)
	if len(c.list) > 0 {
		return Runtime{Unknown: r.Unknown}, c.list // what is misspelt may be why
	}
	return r, nil
}

func decodeRuntime(s *jsonscan.Scanner, r *Runtime) {
	keys := [...]string{"mounts", "mkdir", "cgroups", "interfaces", "bindNS", "namespace"}
	for more := s.Object(); more && s.Member(); {
		switch s.Field(keys[:]) {
		case 0:
			jsonscan.Slice(s, &r.Mounts, decodeMount)
		case 1:
			jsonscan.Slice(s, &r.Mkdir, jsonscan.String)
		case 2:
			jsonscan.Slice(s, &r.Cgroups, decodeCgroup)
		case 3:
			jsonscan.Slice(s, &r.Interfaces, decodeInterface)
		case 4:
			decodeNamespaces(s, &r.BindNS)
		case 5:
			jsonscan.String(s, &r.Namespace)
		default:
			s.Unknown()
		}
	}
}

func decodeMount(s *jsonscan.Scanner, m *Mount) {
	keys := [...]string{"destination", "type", "source", "options"}
	for more := s.Object(); more && s.Member(); {
		switch s.Field(keys[:]) {
		case 0:
			jsonscan.String(s, &m.Destination)
		case 1:
			jsonscan.String(s, &m.Type)
		case 2:
			jsonscan.String(s, &m.Source)
		case 3:
			jsonscan.Slice(s, &m.Options, jsonscan.String)
		default:
			s.Unknown()
		}
	}
}

func decodeCgroup(s *jsonscan.Scanner, c *Cgroup) {
	if s.Begins('"') {
		jsonscan.String(s, &c.Path)
		return
	}
	keys := [...]string{"path", "limits"}
	for more := s.Object(); more && s.Member(); {
		switch s.Field(keys[:]) {
		case 0:
			jsonscan.String(s, &c.Path)
		case 1:
			jsonscan.Pointer(s, &c.Limits, spec.ScanResources)
		default:
			s.Unknown()
		}
	}
}

func decodeInterface(s *jsonscan.Scanner, i *Interface) {
	keys := [...]string{"name", "add", "peer", "createInRoot", "rename", "parent", "vlan", "address", "mtu", "up"}
	for more := s.Object(); more && s.Member(); {
		switch s.Field(keys[:]) {
		case 0:
			jsonscan.String(s, &i.Name)
		case 1:
			jsonscan.String(s, &i.Add)
		case 2:
			jsonscan.String(s, &i.Peer)
		case 3:
			jsonscan.Bool(s, &i.CreateInRoot)
		case 4:
			jsonscan.String(s, &i.Rename)
		case 5:
			jsonscan.String(s, &i.Parent)
		case 6:
			jsonscan.Uint16(s, &i.VLAN)
		case 7:
			decodeAddress(s, &i.Address)
		case 8:
			jsonscan.Uint32(s, &i.MTU)
		case 9:
			jsonscan.Bool(s, &i.Up)
		default:
			s.Unknown()
		}
	}
}

func decodeAddress(s *jsonscan.Scanner, list *[]string) {
	if !s.Begins('"') {
		jsonscan.Slice(s, list, jsonscan.String)
		return
	}
	*list = make([]string, 1)
	jsonscan.String(s, &(*list)[0])
}

func decodeNamespaces(s *jsonscan.Scanner, n *Namespaces) {
	keys := [...]string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"}
	files := [...]*string{&n.Cgroup, &n.IPC, &n.Mnt, &n.Net, &n.PID, &n.User, &n.UTS}
	for more := s.Object(); more && s.Member(); {
		if i := s.Field(keys[:]); i >= 0 {
			jsonscan.String(s, files[i])
		} else {
			s.Unknown()
		}
	}
}
