package resctrl

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// compare refuses schemata that a group does not have: it is others' too, and
// not changed for one container.
func (g Group) compare(schemata []string) error {
	if len(schemata) == 0 {
		return nil
	}
	file := filepath.Join(g.Dir, "schemata")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	has := map[string]string{}
	for line := range strings.Lines(string(text)) {
		for domain, value := range domains(line) {
			has[domain] = value
		}
	}
	for _, line := range schemata {
		for domain, value := range domains(line) {
			if got, there := has[domain]; !there || got != value {
				return fmt.Errorf("the group %s exists, and its schemata do not agree with %q:\n%s", g.Dir, line, text)
			}
		}
	}
	return nil
}

// domains are the values of a line "TYPE:ID=VALUE;ID=VALUE", by "TYPE:ID".
func domains(line string) map[string]string {
	kind, rest, _ := strings.Cut(line, ":")
	kind = strings.TrimSpace(kind)
	all := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimSpace(rest), ";") {
		id, value, _ := strings.Cut(part, "=")
		all[kind+":"+strings.TrimSpace(id)] = canonical(kind, strings.TrimSpace(value))
	}
	return all
}

// canonical is a value without what makes no difference: caches have bit masks
// in hexadecimal, memory bandwidth a number.
func canonical(kind, value string) string {
	base := 10
	if strings.HasPrefix(kind, "L") {
		base = 16
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(value, "0x"), base, 64)
	if err != nil {
		return value
	}
	return strconv.FormatUint(n, base)
}
