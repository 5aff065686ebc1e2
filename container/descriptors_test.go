package container

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/criu"
)

// What runc has written is understood, and what nobody has written is refused.
func TestInheritStreams(t *testing.T) {
	for _, tt := range []struct{ text, keys, wrong string }{
		{`["/dev/null","pipe:[7]","pipe:[8]"]`, "pipe:[7] pipe:[8]", ""},
		{"[\"pipe:[7]\", \"pipe:[8]\",\n \"pipe:[8]\"]", "pipe:[7] pipe:[8]", ""},
		{`["/dev/pts/0","/dev/pts/0","/dev/pts/0"]`, "", ""},
		{`["/dev/null","","/dev/null","0:file[1a:5]","1:file[2b:6]"]`, "file[1a:5] file[2b:6]", ""},
		{`["",""]`, "", "not a list of three files"},
		{`{}`, "", "not a list of three files"},
		{`["","","","3:file[1:1]"]`, "", `"3:file[1:1]" is no file of a standard stream`},
		{`["","","","0:/etc/shadow"]`, "", "is no file of a standard stream"},
	} {
		dir, err := os.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		if err := os.WriteFile(filepath.Join(dir.Name(), descriptorsFile), []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := criu.Options{Images: dir}
		err = inheritStreams(&c)
		var keys []string
		for _, in := range c.Inherit {
			keys = append(keys, in.Key)
			in.File.Close()
		}
		if err != nil && (tt.wrong == "" || !strings.Contains(err.Error(), tt.wrong)) || err == nil && tt.wrong != "" {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.wrong)
		}
		if err == nil && strings.Join(keys, " ") != tt.keys {
			t.Errorf("%s: %q, want %s", tt.text, keys, tt.keys)
		}
	}
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := inheritStreams(&criu.Options{Images: dir}); err != nil {
		t.Errorf("images without the file: %v", err)
	}
}

// Both are of the directory that was looked at, whatever its path leads to by now.
func TestDescriptorsOfTheDirectory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	dir, err := openDir("", name, true)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	target := filepath.Join(t.TempDir(), "target")
	for _, err := range []error{
		os.WriteFile(target, []byte(`["pipe:[1]","",""]`), 0o600), os.Rename(name, name+".old"), os.Mkdir(name, 0o700),
		os.Symlink(target, filepath.Join(name, descriptorsFile)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d := &dump{images: &images{dir: dir}, descriptors: `["","pipe:[2]",""]`}
	if err := d.writeDescriptors(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); err != nil || !strings.Contains(string(got), "pipe:[1]") {
		t.Errorf("the link's target has %q, %v", got, err)
	}
	c := criu.Options{Images: dir}
	if err := inheritStreams(&c); err != nil || len(c.Inherit) != 1 || c.Inherit[0].Key != "pipe:[2]" {
		t.Errorf("read: %+v, %v", c.Inherit, err)
	}
	for _, in := range c.Inherit {
		in.File.Close()
	}
	path := filepath.Join(name+".old", descriptorsFile)
	if err := errors.Join(os.Remove(path), os.Symlink(target, path)); err != nil {
		t.Fatal(err)
	}
	if err := d.writeDescriptors(); err == nil || !strings.Contains(err.Error(), "symbolic links") {
		t.Errorf("over a link: %v", err)
	}
}

// A name that CRIU would take apart elsewhere is no mount's.
func TestPlainKey(t *testing.T) {
	if err := plainKey("/data", "/with space:and colon"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"/x]:/etc", "/a\nb"} {
		if plainKey("/data", name) == nil {
			t.Errorf("%q is no error", name)
		}
	}
	if err := plainSource("/bundle/a]b:c"); err != nil {
		t.Error(err)
	}
	for _, source := range []string{"/a]:/etc", "/a\nb"} {
		if plainSource(source) == nil {
			t.Errorf("%q is no error", source)
		}
	}
}
