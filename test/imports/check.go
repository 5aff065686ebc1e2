package imports

import (
	"fmt"
	"slices"
	"strings"
)

// goPackage is what of `go list -json` matters here.
type goPackage struct {
	ImportPath string
	Name       string
	Imports    []string
	Deps       []string
}

// check returns a sentence for every import that the tables forbid.
func check(packages []goPackage) []string {
	var bad []string
	for _, p := range packages {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours || strings.HasPrefix(name, "test/") {
			continue // tests may look at everything
		}
		if p.Name == "main" && !strings.HasPrefix(name, "cmd/") {
			continue // a program that writes code does not ship
		}
		bad = append(bad, checkArrows(name, p.Imports)...)
		bad = append(bad, checkBans(name, p.Imports)...)
		if strings.HasPrefix(name, "cmd/") {
			bad = append(bad, checkLinked(name, p.Deps)...)
		}
	}
	return bad
}

func checkArrows(name string, imports []string) []string {
	i := slices.IndexFunc(arrows, func(a arrow) bool { return a.pkg == name })
	if i < 0 {
		return []string{fmt.Sprintf("%s has no row in test/imports/rules.go: say what it may import, and why not more", name)}
	}
	var bad []string
	for _, path := range imports {
		if dep, ours := strings.CutPrefix(path, module); ours {
			if !slices.Contains(arrows[i].may, dep) {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s.\n\tIt may import: %s. Move the code, pass a value, or (an arrow that points down) change the row.",
					name, dep, arrows[i].why, orNone(arrows[i].may)))
			}
		} else if strings.Contains(path, ".") {
			bad = append(bad, checkOutside(name, path)...)
		}
	}
	return bad
}

// checkOutside refuses modules that nobody has given a reason for.
func checkOutside(name, path string) []string {
	for _, o := range outside {
		if strings.HasPrefix(path, o.pkg) {
			if slices.Contains(o.may, name) {
				return nil
			}
			return []string{fmt.Sprintf("%s imports %s: %s.\n\tOnly these may: %s.", name, path, o.why, orNone(o.may))}
		}
	}
	return []string{fmt.Sprintf("%s imports %s, a module without a row in test/imports/rules.go: say who may import it, and why it ships", name, path)}
}

func checkBans(name string, imports []string) []string {
	var bad []string
	for _, b := range bans {
		if !slices.Contains(b.importers, name) && !slices.Contains(b.importers, "*") {
			continue
		}
		for _, path := range imports {
			banned := slices.ContainsFunc(b.what, func(w string) bool { return matches(path, w) })
			if banned && !isExcepted(name, path) {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s.", name, path, b.why))
			}
		}
	}
	return bad
}

func isExcepted(name, path string) bool {
	return slices.ContainsFunc(excepted, func(e arrow) bool { return e.pkg == name && slices.Contains(e.may, path) })
}

func checkLinked(name string, deps []string) []string {
	var bad []string
	for _, path := range deps {
		if why, forbidden := linked[path]; forbidden {
			bad = append(bad, fmt.Sprintf("%s links %s: %s.\n\tFind the import with: go list -deps -f '{{.ImportPath}}: {{.Imports}}' ./%s | grep %s", name, path, why, name, path))
		}
	}
	return bad
}

func matches(path, pattern string) bool {
	if strings.HasSuffix(pattern, "/") {
		return strings.HasPrefix(path, pattern)
	}
	return path == pattern
}

// unused returns a sentence for every import that the tables allow and that there is
// not: who reads them must see the house as it is.
func unused(packages []goPackage) []string {
	imports := map[string][]string{}
	for _, p := range packages {
		imports[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
	var bad []string
	expect := func(pkg, what string) {
		if !slices.ContainsFunc(imports[pkg], func(path string) bool { return matches(path, what) }) {
			bad = append(bad, fmt.Sprintf("%s does not import %s: take that out of test/imports/rules.go.", pkg, strings.TrimPrefix(what, module)))
		}
	}
	for _, a := range arrows {
		for _, dep := range a.may {
			expect(a.pkg, module+dep)
		}
	}
	for _, o := range outside {
		for _, pkg := range o.may {
			expect(pkg, o.pkg)
		}
	}
	for _, e := range excepted {
		for _, path := range e.may {
			expect(e.pkg, path)
		}
	}
	return bad
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "nothing of the kind"
	}
	return strings.Join(names, ", ")
}
