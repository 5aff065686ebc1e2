package doctor

import (
	"reflect"
	"testing"
)

func TestParseTOML(t *testing.T) {
	const text = `
# a comment = "with an equals sign"
version = 2 # another
imports = ["/a/*.toml", # one
  'b.toml',
] 
root="/var"
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "a#b" # c
  [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
    BinaryName = "/x=y \"z\""
[ engine ]
a.b = 'c'
runtimes = [["a"], ["b",
 "c"]]
last = true
`
	cri := []string{"plugins", "io.containerd.grpc.v1.cri", "containerd"}
	want := []setting{
		{[]string{"version"}, "2"},
		{[]string{"imports"}, `["/a/*.toml",   'b.toml', ]`},
		{[]string{"root"}, `"/var"`},
		{append(cri[:3:3], "default_runtime_name"), `"a#b"`},
		{append(cri[:3:3], "runtimes", "runc", "options", "BinaryName"), `"/x=y \"z\""`},
		{[]string{"engine", "a", "b"}, "'c'"},
		{[]string{"engine", "runtimes"}, `[["a"], ["b",  "c"]]`},
		{[]string{"engine", "last"}, "true"},
	}
	got := parseTOML(text)
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %q\nwant %q", got[i], want[i])
		}
	}
	if w := words(got[1].value); !reflect.DeepEqual(w, []string{"/a/*.toml", "b.toml"}) {
		t.Errorf("%q", w)
	}
}

func FuzzParseTOML(f *testing.F) {
	f.Add("[a.\"b\"]\nc = [\n'd', # e\n]\n")
	f.Add("a = [[\"")
	f.Add("[")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range parseTOML(text) {
			if len(s.key) == 0 {
				t.Errorf("%q: a setting without a key", text)
			}
			words(s.value)
		}
	})
}
