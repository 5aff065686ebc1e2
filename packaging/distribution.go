package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

const (
	homepage = "https://github.com/keg-project/keg"
	summary  = "runs OCI containers, and can say how beforehand"
	about    = `keg is an OCI container runtime with runc's command line: what starts
containers with runc can start them with keg. With "keg shell" it is a container
for a person at a terminal. It compiles a configuration to a list of system
calls, which "keg explain" prints. One static program, without a daemon.`
)

// deb is the package for Debian and Ubuntu.
func (r release) deb(arch string, all []file, work string) (string, []byte, error) {
	all = moved(compressed(all), zshScript, "usr/share/zsh/vendor-completions/_keg")
	all = moved(all, documents+"LICENSE", documents+"copyright")
	for i, f := range all {
		if f.path == documents+"copyright" {
			all[i].data = []byte(debCopyright)
		}
	}
	scripts := filepath.Join(r.source, "packaging/deb")
	profile, err := os.ReadFile(filepath.Join(scripts, "apparmor"))
	if err != nil {
		return "", nil, err
	}
	all = append(all, file{documents + "changelog.gz", 0o644, gzipped(r.debChangelog())},
		file{"usr/share/keg/apparmor", 0o644, profile})
	info := r.info(arch)
	info.Scripts.PostInstall = filepath.Join(scripts, "postinst")
	info.Scripts.PostRemove = filepath.Join(scripts, "postrm")
	info.Section, info.Priority = "admin", "optional"
	info.Description = summary + "\n" + about
	info.Recommends = []string{"uidmap", "busybox-static"}
	return build(deb.Default, info, all, work, func(string) string { return files.TypeFile })
}

// rpm is the package for Fedora, RHEL, SUSE and their kin.
func (r release) rpm(arch string, all []file, work string) (string, []byte, error) {
	const licences = "usr/share/licenses/keg/"
	all = moved(compressed(all), documents+"LICENSE", licences+"LICENSE")
	all = moved(all, documents+"THIRD-PARTY", licences+"THIRD-PARTY")
	info := r.info(arch)
	info.Release = "1"
	info.Description = about
	info.RPM.Summary = strings.ToUpper(summary[:1]) + summary[1:]
	info.RPM.BuildHost = "localhost" // it would be this machine's name
	info.RPM.Packager = r.maintainer
	info.Provides = []string{"oci-runtime"} // what podman and others require
	info.Recommends = []string{"shadow-utils", "busybox"}
	for _, dir := range []string{documents, documents + "docs/", licences} {
		info.Contents = append(info.Contents, &files.Content{Destination: "/" + dir, Type: files.TypeDir})
	}
	name, data, err := build(rpm.DefaultRPM, info, all, work, func(path string) string {
		switch {
		case strings.HasPrefix(path, documents) || strings.HasPrefix(path, manuals):
			return files.TypeRPMDoc // an installation can do without them
		case strings.HasPrefix(path, licences):
			return files.TypeRPMLicense
		}
		return files.TypeFile
	})
	if err != nil {
		return "", nil, err
	}
	return name, data, setPayloadSize(data)
}

// info is what both have in common.
func (r release) info(arch string) *nfpm.Info {
	info := &nfpm.Info{
		Name: "keg", Arch: arch, Platform: "linux",
		Version: r.version.number, Prerelease: r.version.before, VersionMetadata: r.version.after,
		Maintainer: r.maintainer, Homepage: homepage, License: "Apache-2.0",
		MTime: r.date, DisableGlobbing: true,
	}
	info.Umask = 0o022
	return info
}

// build lets nfpm write the package; it wants files on disk.
func build(packager nfpm.Packager, info *nfpm.Info, all []file, work string, kind func(path string) string) (string, []byte, error) {
	if err := os.Mkdir(work, 0o755); err != nil {
		return "", nil, err
	}
	for i, f := range all {
		source := filepath.Join(work, fmt.Sprint(i))
		if err := os.WriteFile(source, f.data, 0o644); err != nil {
			return "", nil, err
		}
		info.Contents = append(info.Contents, &files.Content{
			Source: source, Destination: "/" + f.path, Type: kind(f.path),
			FileInfo: &files.ContentFileInfo{Mode: f.mode, MTime: info.MTime},
		})
	}
	name := packager.ConventionalFileName(info)
	var b bytes.Buffer
	if err := packager.Package(info, &b); err != nil {
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	return name, b.Bytes(), nil
}

const debCopyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: keg
Source: ` + homepage + `
Comment: What is linked into the program, and its licences, is in
 /usr/share/doc/keg/THIRD-PARTY.

Files: *
Copyright: The authors of keg
License: Apache-2.0
 On Debian systems the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`

// debChangelog says which version it is: the changes are in the repository.
func (r release) debChangelog() []byte {
	return fmt.Appendf(nil, "keg (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n",
		r.version.debian(), r.describe, r.maintainer, r.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}
