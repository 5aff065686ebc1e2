package spec

import (
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Validate checks a configuration for a Linux container against runtime-spec
// 1.3. The error is Violations. Capabilities that do not exist are no violation:
// they are to be ignored with a warning (config.md#linux-process).
func Validate(s *oci.Spec) error {
	c := checker{}
	if s.Linux != nil {
		c.namespaces = s.Linux.Namespaces
	}
	var root path
	c.stringsSpec(&root, s)
	c.version(&root, s.Version)
	c.root(&root, s.Root)
	c.process(&root, s.Process)
	c.hostnames(&root, s)
	c.mounts(&root, s.Mounts)
	c.hooks(&root, s.Hooks)
	c.annotations(&root, s.Annotations)
	if s.Linux != nil {
		c.linux(&root, s)
	}
	return c.err()
}

// ValidateResources checks resources that a container's are to be updated to.
// The paths of its Violations begin below linux.resources.
func ValidateResources(v *oci.LinuxResources) error {
	c := checker{}
	var root path
	c.stringsLinuxResources(&root, v)
	c.resources(&root, v)
	return c.err()
}

// config.md#specification-version: compatible within a major version.
func (c *checker) version(root *path, version string) {
	p := root.field("ociVersion")
	switch {
	case version == "":
		c.missing(&p, "a semantic version of major number 1")
	case !isSemantic(version) || !strings.HasPrefix(version, "1."):
		c.bad(&p, quote(version), "a semantic version of major number 1")
	}
}

// isSemantic reports whether s is like 1.2.3, 1.2.3-rc.1 or 1.2.3+build.
func isSemantic(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	numbers := strings.Split(core, ".")
	for _, n := range numbers {
		if !isNumber(n) {
			return false
		}
	}
	return len(numbers) == 3 && (!hasPre || areIdentifiers(pre, true)) &&
		(!hasBuild || areIdentifiers(build, false))
}

// isNumber: digits without a leading zero.
func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}

func areIdentifiers(s string, prerelease bool) bool {
	for id := range strings.SplitSeq(s, ".") {
		if id == "" || strings.ContainsFunc(id, notIdentifier) {
			return false
		}
		if prerelease && strings.Trim(id, "0123456789") == "" && !isNumber(id) {
			return false
		}
	}
	return true
}

func notIdentifier(r rune) bool {
	return !('0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' || r == '-')
}

func (c *checker) root(root *path, v *oci.Root) {
	p := root.field("root")
	if v == nil {
		c.missing(&p, "an object")
		return
	}
	if path := p.field("path"); v.Path == "" {
		c.missing(&path, "a path")
	}
}

// hostnames: without a namespace of its own, the container's names would become
// the machine's.
func (c *checker) hostnames(root *path, s *oci.Spec) {
	host, domain := root.field("hostname"), root.field("domainname")
	c.utsName(&host, s.Hostname)
	c.utsName(&domain, s.Domainname)
}

func (c *checker) utsName(p *path, name string) {
	const most = 64 // __NEW_UTS_LEN
	if name == "" {
		return
	}
	if len(name) > most {
		c.bad(p, quote(name), "at most 64 bytes")
	}
	if !c.has(oci.UTSNamespace) {
		c.bad(p, quote(name), "none without a namespace of type uts")
	}
}

func (c *checker) annotations(root *path, annotations map[string]string) {
	if _, found := annotations[""]; found {
		p := root.field("annotations")
		e := p.key("")
		c.bad(&e, "an empty key", "a key")
	}
}

// config.md#posix-platform-hooks
func (c *checker) hooks(root *path, v *oci.Hooks) {
	if v == nil {
		return
	}
	p := root.field("hooks")
	c.hookList(&p, "prestart", v.Prestart) //nolint:staticcheck // deprecated, but Docker's network is made in it
	c.hookList(&p, "createRuntime", v.CreateRuntime)
	c.hookList(&p, "createContainer", v.CreateContainer)
	c.hookList(&p, "startContainer", v.StartContainer)
	c.hookList(&p, "poststart", v.Poststart)
	c.hookList(&p, "poststop", v.Poststop)
}

func (c *checker) hookList(hooks *path, name string, list []oci.Hook) {
	p := hooks.field(name)
	for i := range list {
		e := p.at(i)
		file, env, timeout := e.field("path"), e.field("env"), e.field("timeout")
		c.absolute(&file, list[i].Path)
		c.environment(&env, list[i].Env)
		if t := list[i].Timeout; t != nil && *t <= 0 {
			c.bad(&timeout, decimal(*t), "1 or more")
		}
	}
}
