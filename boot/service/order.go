package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// problem is an order that cannot be kept.
type problem struct {
	Service, After string
	Why            string
}

func (p problem) Error() string {
	return p.Service + ": " + prefix + "after: " + p.After + ": " + p.Why
}

// order takes out of the order what cannot be kept: names that no service has,
// and what leads in a circle. The order is no dependency: a machine whose ssh
// server comes after a misspelt name is better reached than not, so what is
// left out is reported, and the service started.
func order(after map[string][]string) (kept map[string][]string, problems []problem) {
	kept = make(map[string][]string, len(after))
	for _, name := range slices.Sorted(maps.Keys(after)) {
		for _, other := range after[name] {
			why := ""
			if _, ok := after[other]; !ok {
				why = "there is no such service"
			} else if path := way(after, other, name); path != nil {
				why = "it leads in a circle, " + strings.Join(append([]string{name}, path...), " after ")
			}
			if why != "" {
				problems = append(problems, problem{name, other, why + fmt.Sprintf(": %s does not wait for it", name)})
				continue
			}
			kept[name] = append(kept[name], other)
		}
	}
	return kept, problems
}

// way is a path from one service to another along the order, both included;
// nil if there is none.
func way(after map[string][]string, from, to string) []string {
	seen := map[string]bool{}
	var walk func(at string) []string
	walk = func(at string) []string {
		if at == to {
			return []string{at}
		}
		if seen[at] {
			return nil
		}
		seen[at] = true
		for _, next := range after[at] {
			if rest := walk(next); rest != nil {
				return append([]string{at}, rest...)
			}
		}
		return nil
	}
	return walk(from)
}

// before turns the order round: who comes after a service stops before it.
func before(after map[string][]string) map[string][]string {
	turned := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		for _, other := range after[name] {
			turned[other] = append(turned[other], name)
		}
	}
	return turned
}
