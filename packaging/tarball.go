package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tarball is for any system: bin and share below one directory, as they belong
// below /usr/local.
func (r release) tarball(top string, files []file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	files = moved(files, "usr/", top+"/")
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	for _, f := range files {
		h := &tar.Header{
			Name: f.path, Mode: int64(f.mode), Size: int64(len(f.data)), ModTime: r.date,
			Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		w.Write(f.data) // into memory: fails in Close, if at all
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return gzipped(b.Bytes()), nil
}

// sums is what sha256sum --check reads.
func sums(made map[string][]byte) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(made)) {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(made[name]), name)
	}
	return b.Bytes()
}
