package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// source is where the types come from.
type source struct {
	name  string         // of the package that will hold the code
	types *types.Package // the package of the types
}

// load reads the types. It needs no program that compiles: the package in dir
// calls decoders that are not there before the first run.
func load(dir string, o options) (source, error) {
	fset := token.NewFileSet()
	files, err := parseDir(fset, dir, o.out)
	if err != nil {
		return source{}, err
	}
	s := source{name: files[0].Name.Name}
	paths := imports(files)
	if o.pkg != "" {
		paths = []string{o.pkg}
	}
	imp, err := exports(fset, dir, paths)
	if err != nil {
		return source{}, err
	}
	if o.pkg != "" {
		s.types, err = imp.Import(o.pkg)
		return s, err
	}
	conf := types.Config{Importer: imp, Error: func(error) {}}
	s.types, _ = conf.Check(s.name, fset, files, nil)
	return s, nil
}

// parseDir parses the package in dir without its tests and without out.
func parseDir(fset *token.FileSet, dir, out string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == out {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	return files, nil
}

func imports(files []*ast.File) []string {
	var paths []string
	for _, file := range files {
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// exports imports packages from the build cache, by the export data that the
// go command names.
func exports(fset *token.FileSet, dir string, paths []string) (types.Importer, error) {
	files, err := exportFiles(dir, paths)
	if err != nil {
		return nil, err
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("%s: no export data", path)
		}
		return os.Open(files[path])
	}), nil
}

// exportFiles finds the export data of paths and of all that they import.
func exportFiles(dir string, paths []string) (map[string]string, error) {
	if len(paths) == 0 { // to the go command that means the package in dir
		return nil, nil
	}
	args := append([]string{"list", "-e", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", "--"}, paths...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	list, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		files[path] = file
	}
	return files, nil
}
