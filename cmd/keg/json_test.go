package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/container"
)

// document is what state and list print, for the encoder of the standard
// library to say the same.
type document struct {
	OCIVersion  string            `json:"ociVersion"`
	ID          string            `json:"id"`
	Pid         int               `json:"pid"`
	Status      string            `json:"status"`
	Bundle      string            `json:"bundle"`
	Rootfs      string            `json:"rootfs"`
	Created     time.Time         `json:"created"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Owner       string            `json:"owner"`
}

var infos = []container.Info{
	{},
	{
		OCIVersion: "1.3.0", ID: "plain", Pid: 4242, Status: container.Running,
		Bundle: "/bundle", Rootfs: "/bundle/rootfs", Owner: "root",
		Created: time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.UTC),
	},
	{
		ID: "a+b", Status: container.Stopped,
		Bundle: "/a \"b\" \\c/\x01\x1f\x7f<&>/\t\n\r\b\f", Rootfs: "/\u2028\u2029/ünï/\U0001f6e2",
		Created:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)),
		Annotations: map[string]string{"z": "last", "a": "", "m\"": "quote\""},
	},
	{ID: "not-utf8", Bundle: "/\xff\xfe/\xc3", Annotations: map[string]string{"k": "\x80"}},
}

func documents() []document {
	var docs []document
	for _, i := range infos {
		docs = append(docs, document{i.OCIVersion, i.ID, i.Pid, string(i.Status),
			i.Bundle, i.Rootfs, i.Created, i.Annotations, i.Owner})
	}
	return docs
}

func standard(t *testing.T, v any, indent string) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	// encoding/json spells this one with an escape, which is the same text.
	return strings.ReplaceAll(b.String(), `\ufffd`, "\ufffd")
}

func TestStateIsWhatEncodingJSONWrites(t *testing.T) {
	for i, doc := range documents() {
		got := string(appendInfo(nil, infos[i], "  ")) + "\n"
		if want := standard(t, doc, "  "); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", infos[i].ID, got, want)
		}
	}
}

func TestListIsWhatEncodingJSONWrites(t *testing.T) {
	got := string(infoArray(infos))
	if want := standard(t, documents(), ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := string(infoArray(nil)); got != "[]\n" {
		t.Errorf("no containers: %q, want []", got)
	}
}

func TestListTable(t *testing.T) {
	want := "ID          PID         STATUS      BUNDLE      CREATED                     OWNER\n" +
		"plain       4242        running     /bundle     2026-01-02T03:04:05.6789Z   root\n"
	if got := string(infoTable(infos[1:2])); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestListQuiet(t *testing.T) {
	if got := string(idLines(infos[1:3])); got != "plain\na+b\n" {
		t.Errorf("got %q", got)
	}
}

func FuzzJSONString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendJSONString(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if back != strings.ToValidUTF8(s, "\ufffd") && back != string([]rune(s)) {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}
