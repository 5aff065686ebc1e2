// Command packaging makes what keg is distributed as: a .deb, an .rpm and a
// tarball for each architecture, with a bill of materials, and the checksums of
// all of them. The same commit gives the same bytes, wherever and whenever.
//
// What is installed and where is not decided here but by `make install`, whose
// tree it packs.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

var architectures = []string{"amd64", "arm64"}

// release is one version of keg, ready to be packed.
type release struct {
	source     string // the repository
	describe   string // as git describe says it, and keg --version
	commit     string
	version    version
	date       time.Time // of everything in the packages
	maintainer string
}

func main() {
	var r release
	to := flag.String("to", "../dist", "`directory` for the packages; those of earlier versions are removed")
	flag.StringVar(&r.source, "source", "..", "the repository")
	flag.StringVar(&r.describe, "version", "", "keg's `version`, as git describe says it")
	flag.StringVar(&r.commit, "commit", "", "the commit that it is built from")
	flag.StringVar(&r.maintainer, "maintainer", "", "`NAME <ADDRESS>` of who makes the packages")
	flag.Parse()
	if err := r.pack(*to); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// pack makes all packages.
func (r release) pack(dist string) error {
	var err error
	if r.version, err = parseVersion(r.describe, r.commit); err != nil {
		return err
	}
	if r.date, err = sourceDate(r.source); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "keg-packaging.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := map[string][]byte{}
	for _, arch := range architectures {
		if err := r.packFor(arch, filepath.Join(work, arch), made); err != nil {
			return fmt.Errorf("%s: %w", arch, err)
		}
	}
	made["SHA256SUMS"] = sums(made)
	return replace(dist, made)
}

func (r release) packFor(arch, work string, made map[string][]byte) error {
	files, err := r.stage(arch, work)
	if err != nil {
		return err
	}
	bill, err := r.bill(arch, filepath.Join(work, "keg"))
	if err != nil {
		return err
	}
	stem := "keg-" + r.describe + "-linux-" + arch
	made[stem+".cdx.json"] = bill
	if made[stem+".tar.gz"], err = r.tarball(stem, files); err != nil {
		return err
	}
	name, data, err := r.deb(arch, files, filepath.Join(work, "deb"))
	if err != nil {
		return err
	}
	made[name] = data
	name, data, err = r.rpm(arch, files, filepath.Join(work, "rpm"))
	made[name] = data
	return err
}

// sourceDate is what SOURCE_DATE_EPOCH says, or when the commit was made.
func sourceDate(source string) (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, err := exec.Command("git", "-c", "safe.directory=*", "-C", source, "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("no date: SOURCE_DATE_EPOCH is not set, and git log: %w", err)
		}
		text = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// replace writes the files into dist, in place of those of an earlier version.
func replace(dist string, made map[string][]byte) error {
	old, err := filepath.Glob(filepath.Join(dist, `keg[\-_]*`))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	var all error
	for name, data := range made {
		all = errors.Join(all, os.WriteFile(filepath.Join(dist, name), data, 0o644))
	}
	return all
}
