package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var example = State{
	OCIVersion: "1.3.0", ID: "box", Pid: 4711, StartTime: 1<<64 - 1,
	Bundle: "/b \"q\" \\ \x01\x7f ü\u2028", Rootfs: "/r", Owner: 1000,
	Created:     time.Date(2026, 2, 3, 4, 5, 6, 123456789, time.UTC),
	Annotations: map[string]string{"b": "2", "a": "\x00\t\r\n", "": "é"}, NoNewKeyring: true,
	Resctrl: Resctrl{Dir: "/r", Monitor: "/r/m", Own: true}, PidFile: "/p", MemorySwap: -1, DevicesChanged: true,
	Cgroups: []Cgroup{{"cpu,cpuacct", "/sys/fs/cgroup/cpu", "/box"}, {"", "/sys/fs/cgroup/unified", "/a/b"}},
}

func create(t *testing.T, root, id string) *Dir {
	t.Helper()
	d, err := Create(root, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// made is a container as create leaves it, its lock given up.
func made(t *testing.T, root, id string) {
	t.Helper()
	d := create(t, root, id)
	if err := d.Write(State{ID: id}); err != nil {
		t.Fatal(err)
	}
	d.Close()
}

func TestLife(t *testing.T) {
	root := filepath.Join(t.TempDir(), "deep", "root")
	d := create(t, root, "box")
	config := bytes.Repeat([]byte("config "), 10_000)
	for _, err := range []error{d.WriteConfig(config), d.Write(State{ID: "box"}), d.Write(example), d.MakeFIFO(StartFIFO)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Close()

	d, err := Open(root, "box")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got, err := d.Read(); err != nil || !reflect.DeepEqual(got, example) {
		t.Errorf("%+v, %v\nwant %+v", got, err, example)
	}
	if got, err := d.Config(); err != nil || !bytes.Equal(got, config) {
		t.Errorf("config of %d bytes, %v", len(got), err)
	}
	if fi, err := os.Lstat(d.Path(StartFIFO)); err != nil || fi.Mode() != os.ModeNamedPipe|0o600 {
		t.Errorf("FIFO %v, %v", fi, err)
	}
	checkRemove(t, root, d)
}

func checkRemove(t *testing.T, root string, d *Dir) {
	t.Helper()
	if ids, err := List(root); err != nil || !slices.Equal(ids, []string{"box"}) {
		t.Errorf("list %v, %v", ids, err)
	}
	if err := d.Lock(0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if ids, err := List(root); err != nil || len(ids) > 0 {
		t.Errorf("list %v, %v", ids, err)
	}
}

func TestModes(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	d := create(t, root, "box")
	if err := errors.Join(d.Write(example), d.WriteConfig(nil)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		root:               os.ModeDir | os.ModeSticky | 0o700,
		d.Path(""):         os.ModeDir | 0o700,
		d.Path(stateFile):  0o600,
		d.Path(configFile): 0o600,
	} {
		if fi, err := os.Stat(name); err != nil || fi.Mode() != want {
			t.Errorf("%s: %v, %v, want %v", name, fi.Mode(), err, want)
		}
	}
}

func TestInUse(t *testing.T) {
	root := t.TempDir()
	const exists = `container with given ID already exists: "box"`
	d := create(t, root, "box")
	checkError(t, second(Create(root, "box")), ErrExist, exists+": it is being created or deleted")
	if err := d.Write(State{ID: "box"}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	checkError(t, second(Create(root, "box")), ErrExist, exists)
}

func second[T any](_ T, err error) error { return err }

func checkError(t *testing.T, err, is error, text string) {
	t.Helper()
	if !errors.Is(err, is) || err == nil || err.Error() != text {
		t.Errorf("error %v\n want %v", err, text)
	}
}

func TestNotExist(t *testing.T) {
	root := t.TempDir()
	const text = `container "box" does not exist`
	checkError(t, second(Open(root, "box")), ErrNotExist, text)
	checkError(t, second(Open(root+"/none", "box")), ErrNotExist, text)
	checkError(t, second(Open(root, "../box")), ErrInvalidID,
		`invalid container id "../box": it begins with a dot`)
	checkError(t, second(Create(root, "a/b")), ErrInvalidID,
		`invalid container id "a/b": letters, digits and _ + . - are allowed`)
	checkError(t, second(Open(root, strings.Repeat("x", 4000))), ErrInvalidID,
		`invalid container id "`+strings.Repeat("x", 32)+`"...: it is longer than 255 bytes`)
	if ids, err := List(root + "/none"); err != nil || len(ids) > 0 {
		t.Errorf("list %v, %v", ids, err)
	}
}

func TestValidID(t *testing.T) {
	for _, id := range []string{"a", "A-z_0+.9", "-x", "+x", "_", "a..", strings.Repeat("x", 255)} {
		if err := ValidID(id); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", ".", "..", ".a", "a/b", "a b", "a\n", "a\x00", "ä", "a\xff", "a:b", strings.Repeat("x", 256)} {
		if err := ValidID(id); !errors.Is(err, ErrInvalidID) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestListSorted(t *testing.T) {
	root := t.TempDir()
	for _, id := range []string{"c", "a", "b"} {
		made(t, root, id)
	}
	create(t, root, "half")
	os.WriteFile(filepath.Join(root, "file"), nil, 0o600)
	os.Mkdir(filepath.Join(root, ".hidden"), 0o700)
	if ids, err := List(root); err != nil || !slices.Equal(ids, []string{"a", "b", "c"}) {
		t.Errorf("list %v, %v", ids, err)
	}
}

// What a killed keg leaves can be removed, and its id used again.
func TestLeftovers(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, dir string) error{
		"empty":    func(t *testing.T, dir string) error { return nil },
		"config":   func(t *testing.T, dir string) error { return os.WriteFile(dir+"/config.json", nil, 0o600) },
		"torn":     func(t *testing.T, dir string) error { return os.WriteFile(dir+"/state.json.new", []byte("{"), 0o600) },
		"fifo":     func(t *testing.T, dir string) error { return syscall.Mkfifo(dir+"/start.fifo", 0o600) },
		"link":     func(t *testing.T, dir string) error { return os.Symlink("/etc", dir+"/link") },
		"full dir": func(t *testing.T, dir string) error { return os.MkdirAll(dir+"/x/y/z", 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "box")
			if err := errors.Join(os.Mkdir(dir, 0o700), leave(t, dir)); err != nil {
				t.Fatal(err)
			}
			checkLeftover(t, root)
			if err := errors.Join(os.Mkdir(dir, 0o700), leave(t, dir)); err != nil {
				t.Fatal(err)
			}
			d := create(t, root, "box")
			if names, err := d.names(); err != nil || len(names) > 0 {
				t.Errorf("taken over with %v, %v", names, err)
			}
		})
	}
}

func checkLeftover(t *testing.T, root string) {
	t.Helper()
	d, err := Open(root, "box")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	checkError(t, second(d.Read()), ErrNotExist, `container "box" does not exist (keg was killed while making or `+
		`removing it; clear the rest away: keg delete -f box)`)
	if ids, err := List(root); err != nil || len(ids) > 0 {
		t.Errorf("list %v, %v", ids, err)
	}
	if err := errors.Join(d.Lock(0), d.Remove()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(d.Path("")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestReadDamaged(t *testing.T) {
	root := t.TempDir()
	made(t, root, "box")
	d, err := Open(root, "box")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for content, want := range map[string]string{
		"":                               "",
		"{":                              "",
		`[]`:                             "",
		`{"version": 1, "id": "other"}`:  `id "other"`,
		`{"version": 2, "id": "box"}`:    "version 2: this keg knows version 1",
		`{"id": "box"}`:                  "version 0",
		`{"version": 1, "pid": "4711"}`:  "pid: ",
		`{"version": 1, "id": "box"} {}`: "",
	} {
		if err := os.WriteFile(d.Path(stateFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := d.Read()
		if err == nil || !strings.HasPrefix(err.Error(), d.Path(stateFile)+" is damaged: "+want) ||
			!strings.HasSuffix(err.Error(), " (remove the container: keg delete -f box)") {
			t.Errorf("%q: error %v", content, err)
		}
	}
}

func TestWriteRefusesNotUTF8(t *testing.T) {
	d := create(t, t.TempDir(), "box")
	for _, s := range []State{{Bundle: "\xff"}, {Rootfs: "a\xffb"}, {Cgroups: []Cgroup{{Path: "/\xff"}}}} {
		if err := d.Write(s); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(example.encode())
	f.Add([]byte(`{"version":1,"future":{"x":[1,2]},"annotations":null,"cgroups":[null,{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data)
		if err != nil {
			if !reflect.DeepEqual(s, State{}) {
				t.Errorf("error %v and state %+v", err, s)
			}
			return
		}
		if s.Created.Year() < 0 || s.check() != nil {
			return
		}
		again, err := decode(s.encode())
		if err != nil || !bytes.Equal(again.encode(), s.encode()) {
			t.Errorf("%+v, written and read: %+v, %v", s, again, err)
		}
	})
}

func BenchmarkCreateWriteRemove(b *testing.B) {
	root := b.TempDir()
	config := make([]byte, 10_000)
	for b.Loop() {
		d, err := Create(root, "box")
		if err == nil {
			err = errors.Join(d.WriteConfig(config), d.Write(example), d.MakeFIFO(StartFIFO), d.Remove(), d.Close())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenRead(b *testing.B) {
	root := b.TempDir()
	d, err := Create(root, "box")
	if err == nil {
		err = d.Write(example)
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := Open(root, "box")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Read(); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}
