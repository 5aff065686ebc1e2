package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// file is one of those in a package.
type file struct {
	path string // usr/bin/keg
	mode fs.FileMode
	data []byte
}

// Places that `make install PREFIX=/usr` uses, and a package changes.
const (
	documents = "usr/share/doc/keg/"
	manuals   = "usr/share/man/"
	zshScript = "usr/share/zsh/site-functions/_keg"
)

// stage lets make install keg below work, and returns what it has installed,
// with the notices of what is linked into it.
func (r release) stage(arch, work string) ([]file, error) {
	root, binary := filepath.Join(work, "root"), filepath.Join(work, "keg")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command("make", "--silent", "-C", r.source, "install", "PREFIX=/usr",
		"OUT="+binary, "DESTDIR="+root, "VERSION="+r.describe, "COMMIT="+r.commit)
	cmd.Env = append(buildEnvironment(), "GOARCH="+arch, fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.date.Unix()))
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make install: %w\n%s", err, out)
	}
	notices, err := r.notices(binary)
	if err != nil {
		return nil, err
	}
	files, err := tree(root)
	return append(files, file{documents + "THIRD-PARTY", 0o644, notices}), err
}

// buildEnvironment is the caller's without what would change the program, or
// was meant for the make that called this.
func buildEnvironment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasSuffix(name, "FLAGS") || name == "MAKELEVEL" || name == "MAKEOVERRIDES" || name == "DESTDIR" ||
			strings.HasPrefix(name, "GOA") || name == "GOEXPERIMENT" || name == "GOFIPS140"
	})
	return append(env, "GOOS=linux", "CGO_ENABLED=0")
}

func tree(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, file{strings.TrimPrefix(path, root+"/"), info.Mode().Perm(), data})
		return err
	})
	return files, err
}

// compressed returns the files with the manual pages compressed, as
// distributions have them.
func compressed(files []file) []file {
	out := slices.Clone(files)
	for i, f := range out {
		if strings.HasPrefix(f.path, manuals) {
			out[i] = file{f.path + ".gz", f.mode, gzipped(f.data)}
		}
	}
	return out
}

// moved returns the files with what is at the path, or below it, elsewhere.
func moved(files []file, from, to string) []file {
	out := slices.Clone(files)
	for i, f := range out {
		if rest, ok := strings.CutPrefix(f.path, from); ok {
			out[i].path = to + rest
		}
	}
	return out
}

// gzipped is compressed without a name and a time.
func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	w.Write(data)                                         // into memory: cannot fail
	w.Close()
	return b.Bytes()
}
