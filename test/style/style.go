// Package style is the linter of keg's own habits: short functions and files,
// one place that exits and prints, names that say something.
//
// It is not for what gofmt, vet and staticcheck find, nor for imports
// (test/imports).
package style

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	maxFunction = 80  // lines; the median ought to be about 10
	longFile    = 400 // lines; the test names such files
	maxFile     = 600 // lines; the test refuses such files
)

// vague are names of packages and files that tell a reader nothing.
var vague = []string{"util", "utils", "common", "types", "helper", "helpers", "manager", "misc", "impl", "base", "shared"}

// source is one parsed file.
type source struct {
	path string // slash-separated, relative to the repository
	set  *token.FileSet
	file *ast.File
}

func parse(path string, text []byte) (source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path, set, file}, err
}

func (s source) line(p token.Pos) int { return s.set.Position(p).Line }
func (s source) lines() int           { return s.set.File(s.file.FileStart).LineCount() }
func (s source) test() bool           { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool      { return ast.IsGenerated(s.file) }
func (s source) command() bool        { return strings.HasPrefix(s.path, "cmd/") }

// ships leaves out what is no part of keg: tests, and programs that write code.
func (s source) ships() bool {
	generator := s.file.Name.Name == "main" && !s.command()
	return !s.test() && !generator && !strings.HasPrefix(s.path, "test/")
}

func (s source) at(p token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: ", s.path, s.line(p)) + fmt.Sprintf(format, args...)
}

// check returns a sentence for each broken habit.
func (s source) check() []string {
	if s.generated() {
		return nil
	}
	bad := s.checkNames()
	if n := s.lines(); n > maxFile && !s.test() {
		bad = append(bad, fmt.Sprintf("%s: %d lines: one subject per file; more than %d are refused", s.path, n, maxFile))
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			bad = append(bad, s.checkFunction(f)...)
		}
	}
	return append(bad, s.checkCalls()...)
}

func (s source) checkNames() []string {
	var bad []string
	stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
	for _, v := range vague {
		if s.file.Name.Name == v {
			bad = append(bad, fmt.Sprintf("%s: package %s: name it after its subject", s.path, v))
		}
		if stem == v {
			bad = append(bad, fmt.Sprintf("%s: name the file after the one thing to be found in it", s.path))
		}
	}
	return bad
}

func (s source) checkFunction(f *ast.FuncDecl) []string {
	var bad []string
	if n := s.length(f); n > maxFunction {
		bad = append(bad, s.at(f.Pos(), "%s has %d lines; more than %d are refused: give its parts names", f.Name.Name, n, maxFunction))
	}
	if f.Name.Name == "init" && f.Recv == nil && s.ships() {
		bad = append(bad, s.at(f.Pos(), "func init: every start of keg would pay for it; do the work where it is needed"))
	}
	return bad
}

// length counts a function's lines. In a test its tables do not count: they
// are data that happens to stand inside.
func (s source) length(f *ast.FuncDecl) int {
	n := s.line(f.End()) - s.line(f.Pos()) + 1
	if !s.test() || f.Body == nil {
		return n
	}
	ast.Inspect(f.Body, func(node ast.Node) bool {
		table, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		n -= s.line(table.End()) - s.line(table.Pos())
		return false
	})
	return n
}

// imports tells the package log from a variable of that name.
func (s source) imports(path string) bool {
	return slices.ContainsFunc(s.file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == strconv.Quote(path) })
}

// checkCalls keeps exits to main, and the terminal to the commands.
func (s source) checkCalls() []string {
	if !s.ships() {
		return nil
	}
	var bad []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		sel, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		switch call := pkg.Name + "." + sel.Sel.Name; {
		case call == "os.Exit" && s.path != "cmd/keg/main.go":
			bad = append(bad, s.at(sel.Pos(), "os.Exit: only cmd/keg/main.go exits; return the error, or the status"))
		case strings.HasPrefix(call, "fmt.Print") && !s.command():
			bad = append(bad, s.at(sel.Pos(), "%s: only commands print; return the text or take an io.Writer", call))
		case pkg.Name == "log" && s.imports("log"):
			bad = append(bad, s.at(sel.Pos(), "%s: return an error, or call the caller's Warn", call))
		}
		return true
	})
	return bad
}
