package unit

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Scope is the transient unit that a container's processes are in.
type Scope struct {
	Name     string // "keg-box.scope"
	Slice    string // the unit that it is in: "system.slice"
	Subgroup string // path of the container's own cgroup below the scope's; "" for that itself
	User     bool   // it is the user manager's, not the system's

	Description string
	Asked       []Property // by annotations: they come last, and win
}

// AnnotationSubgroup is crun's: the sub-cgroup of the scope that the container
// lives in.
const AnnotationSubgroup = "run.oci.systemd.subgroup"

// Config is what a scope depends on.
type Config struct {
	ID          string
	CgroupsPath string // "SLICE:PREFIX:NAME", or empty
	Annotations map[string]string
	User        bool
}

// Of returns the scope of a container.
func Of(c Config) (*Scope, error) {
	s := &Scope{Name: "keg-" + c.ID + ".scope", User: c.User, Description: "container " + c.ID}
	if err := s.place(c.CgroupsPath); err != nil {
		return nil, fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	var err error
	if s.Subgroup, err = subgroup(c.Annotations[AnnotationSubgroup]); err != nil {
		return nil, fmt.Errorf("annotations.%s: %w", AnnotationSubgroup, err)
	}
	s.Asked, err = asked(c.Annotations)
	return s, err
}

// place reads the cgroup path as all engines write it for systemd.
func (s *Scope) place(cgroupsPath string) error {
	parts := []string{"", "", ""}
	if cgroupsPath != "" {
		if parts = strings.Split(cgroupsPath, ":"); len(parts) != 3 {
			return fmt.Errorf("%q is not of the form SLICE:PREFIX:NAME, which --systemd-cgroup needs", cgroupsPath)
		}
		if s.Name = scopeName(parts[1], parts[2]); parts[2] == "" {
			return fmt.Errorf("%q has no name: SLICE:PREFIX:NAME", cgroupsPath)
		}
	}
	if strings.HasSuffix(parts[2], ".slice") {
		return fmt.Errorf("%q names a slice, which holds units and no processes (hint: SLICE:PREFIX:NAME makes PREFIX-NAME.scope in SLICE)", cgroupsPath)
	}
	if s.Slice = parts[0]; s.Slice == "" {
		s.Slice = defaultSlice(s.User)
	}
	if err := checkName(s.Name, ".scope"); err != nil {
		return err
	}
	_, err := Expand(s.Slice)
	return err
}

func scopeName(prefix, name string) string {
	if prefix != "" {
		name = prefix + "-" + name
	}
	return name + ".scope"
}

func defaultSlice(user bool) string {
	if user {
		return "user.slice"
	}
	return "system.slice"
}

// Path is where systemd puts the scope, below its own cgroup.
func (s *Scope) Path() string {
	slice, err := Expand(s.Slice)
	if err != nil {
		return "/" + s.Name // Of has refused it
	}
	return path.Join("/", slice, s.Name)
}

// Expand says where a slice is: each dash in its name is a step down.
// systemd.slice(5)
func Expand(slice string) (string, error) {
	if slice == "-.slice" {
		return "/", nil
	}
	if err := checkName(slice, ".slice"); err != nil {
		return "", err
	}
	name, where := strings.TrimSuffix(slice, ".slice"), ""
	for i := range len(name) {
		if name[i] != '-' {
			continue
		}
		if i == 0 || name[i-1] == '-' {
			return "", fmt.Errorf("slice %q: a dash stands between two names", slice)
		}
		where += "/" + name[:i] + ".slice"
	}
	if name[len(name)-1] == '-' {
		return "", fmt.Errorf("slice %q: a dash stands between two names", slice)
	}
	return where + "/" + slice, nil
}

// maxName is how long systemd lets a unit's name be. UNIT_NAME_MAX
const maxName = 255

// checkName refuses what systemd would, before anything is made. A name is a
// directory, too: a slash would lead elsewhere. systemd.unit(5)
func checkName(name, suffix string) error {
	base, ok := strings.CutSuffix(name, suffix)
	if !ok || base == "" {
		return fmt.Errorf("%q is not the name of a unit that ends in %s", name, suffix)
	}
	for _, c := range []byte(base) {
		if !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune(`:-_.\@`, rune(c)) {
			return fmt.Errorf("%q: systemd has no %q in the names of units (hint: systemd-escape(1))", name, c)
		}
	}
	if base[0] == '.' || base[0] == '@' {
		return fmt.Errorf("%q: the name of a unit does not begin with %q", name, base[0])
	}
	if len(name) > maxName {
		return fmt.Errorf("%q: longer than the %d bytes of a unit's name", name, maxName)
	}
	return nil
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// subgroup refuses what leads out of the scope.
func subgroup(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\x00\n") {
			return "", fmt.Errorf("%q is not the path of a cgroup below the scope's", name)
		}
	}
	return name, nil
}

// Looks tells whether a cgroup path is one for systemd.
func Looks(cgroupsPath string) bool {
	parts := strings.Split(cgroupsPath, ":")
	return len(parts) == 3 && !strings.Contains(cgroupsPath, "/") && (parts[0] == "" || strings.HasSuffix(parts[0], ".slice"))
}

// ErrNoFlag is a cgroup path that only systemd understands.
var ErrNoFlag = errors.New("a path of the form SLICE:PREFIX:NAME is for systemd, and needs the flag --systemd-cgroup")
