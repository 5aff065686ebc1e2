package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// licence is the SPDX identifier of each module that may be linked into keg.
// One that is missing here is an error: somebody has to read its licence.
var licence = map[string]string{
	"github.com/aperturerobotics/protobuf-go-lite": "BSD-3-Clause",
	"github.com/checkpoint-restore/go-criu/v8":     "Apache-2.0",
	"std":                                    "BSD-3-Clause",
	"github.com/godbus/dbus/v5":              "BSD-2-Clause",
	"github.com/opencontainers/runtime-spec": "Apache-2.0",
	"github.com/vishvananda/netlink":         "Apache-2.0",
	"github.com/vishvananda/netns":           "Apache-2.0",
	"github.com/pelletier/go-toml/v2":        "MIT",
	"golang.org/x/sys":                       "BSD-3-Clause",
}

// bill is the program's bill of materials, in CycloneDX, of what the Go
// toolchain noted in it.
func (r release) bill(arch, binary string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	keg := cyclonedx.Component{
		BOMRef: "keg", Type: cyclonedx.ComponentTypeApplication, Name: "keg", Version: r.describe,
		PackageURL: "pkg:golang/" + info.Main.Path + "@" + r.describe + "?goos=linux&goarch=" + arch + "#cmd/keg",
		Hashes:     hashes(hex.EncodeToString(sum[:])), Licenses: licences("Apache-2.0"),
	}
	modules := append([]*debug.Module{{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}}, info.Deps...)
	var components []cyclonedx.Component
	var refs []string
	for _, m := range modules {
		c, err := component(m)
		if err != nil {
			return nil, err
		}
		components, refs = append(components, c), append(refs, c.BOMRef)
	}
	bom := cyclonedx.NewBOM()
	bom.SerialNumber = serial(sum)
	bom.Metadata = &cyclonedx.Metadata{Timestamp: r.date.Format(time.RFC3339), Component: &keg}
	bom.Components = &components
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: keg.BOMRef, Dependencies: &refs}}
	var b bytes.Buffer
	err = cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cyclonedx.SpecVersion1_6)
	return b.Bytes(), err
}

func component(m *debug.Module) (cyclonedx.Component, error) {
	id, ok := licence[m.Path]
	if !ok {
		return cyclonedx.Component{}, fmt.Errorf("%s: packaging/bill.go has not its licence", m.Path)
	}
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	c := cyclonedx.Component{
		BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: m.Path, Version: m.Version,
		PackageURL: purl, Licenses: licences(id),
	}
	if sum, ok := strings.CutPrefix(m.Sum, "h1:"); ok {
		raw, err := base64.StdEncoding.DecodeString(sum)
		if err != nil {
			return c, fmt.Errorf("%s: sum %q: %w", m.Path, m.Sum, err)
		}
		c.Hashes = hashes(hex.EncodeToString(raw))
	}
	return c, nil
}

func hashes(sum string) *[]cyclonedx.Hash {
	return &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: sum}}
}

func licences(id string) *cyclonedx.Licenses {
	return &cyclonedx.Licenses{{License: &cyclonedx.License{ID: id}}}
}

// serial is a UUID (version 8) that says which program the bill is of, where
// others have a random one.
func serial(sum [sha256.Size]byte) string {
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}
