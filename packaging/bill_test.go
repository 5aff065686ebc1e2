package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// cycloneDX is the schema of the format, and the two that it refers to: the
// library of the bill has them for its own tests.
func cycloneDX(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir := strings.TrimSpace(run(t, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go"))
	compiler := jsonschema.NewCompiler()
	for url, file := range map[string]string{
		"http://cyclonedx.org/schema/bom-1.6.schema.json":  "bom-1.6.schema.json",
		"http://cyclonedx.org/schema/spdx.schema.json":     "spdx.schema.json",
		"http://cyclonedx.org/schema/jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		text, err := os.ReadFile(filepath.Join(dir, "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(url, doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestBillIsValid(t *testing.T) {
	t.Parallel()
	schema := cycloneDX(t)
	for _, arch := range architectures {
		text, err := os.ReadFile(the(t, "*"+arch+".cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(schema, string(text)); err != nil {
			t.Error(err)
		}
		if err := validate(schema, strings.Replace(string(text), `"Apache-2.0"`, `"Apache"`, 1)); err == nil {
			t.Error("a licence that SPDX does not know is valid: the schema is not whole")
		}
	}
}

func validate(schema *jsonschema.Schema, text string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// The bill is of the program in the package, and names what go.mod requires.
func TestBillOfTheProgram(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	run(t, "dpkg-deb", "-x", the(t, "*_amd64.deb"), root)
	program, err := os.ReadFile(filepath.Join(root, "usr/bin/keg"))
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		Metadata struct {
			Timestamp string
			Component struct{ Hashes []struct{ Content string } }
		}
		Components []struct{ Purl string }
	}
	text, err := os.ReadFile(the(t, "*amd64.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &bom); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	if got := bom.Metadata.Component.Hashes[0].Content; got != hex.EncodeToString(sum[:]) {
		t.Errorf("%s, but the program is %x", got, sum)
	}
	if bom.Metadata.Timestamp != "2001-09-09T01:46:40Z" {
		t.Error(bom.Metadata.Timestamp)
	}
	for _, want := range []string{"pkg:golang/std@1.", "pkg:golang/golang.org/x/sys@v"} {
		if !strings.Contains(string(text), `"purl": "`+want) {
			t.Errorf("no %s in %+v", want, bom.Components)
		}
	}
}

func TestUnknownLicence(t *testing.T) {
	t.Parallel()
	_, err := component(&debug.Module{Path: "example.com/new", Version: "v1.0.0"})
	if err == nil || !strings.Contains(err.Error(), "example.com/new") {
		t.Error(err)
	}
}
