package spec

import "strings"

// Violation is one place where a configuration is not what the specification
// allows.
type Violation struct {
	Path    string // linux.namespaces[3].type
	Found   string // "foo"
	Allowed string // pid, network, mount, ipc, uts, user, cgroup, time
}

func (v Violation) String() string {
	if v.Path == "" { // the text as a whole
		return "found " + v.Found + "; allowed: " + v.Allowed
	}
	return v.Path + ": found " + v.Found + "; allowed: " + v.Allowed
}

// Violations are all those of one configuration.
type Violations []Violation

// Error prints one a line.
func (list Violations) Error() string {
	lines := make([]string, len(list))
	for i, v := range list {
		lines[i] = v.String()
	}
	return strings.Join(lines, "\n")
}
