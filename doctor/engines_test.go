package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installed is a file that stands for keg's.
func installed(t *testing.T) string {
	t.Helper()
	keg := filepath.Join(t.TempDir(), "keg")
	if err := os.WriteFile(keg, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	return keg
}

func TestEngineFinding(t *testing.T) {
	keg := installed(t)
	link := filepath.Join(t.TempDir(), "runc")
	if err := os.Symlink(keg, link); err != nil {
		t.Fatal(err)
	}
	of := func(standard string, paths map[string]string) Finding {
		return setup{file: "/etc/e", runtimes: runtimes{paths, standard}, mend: "write it"}.finding("E", "1.2", keg)
	}
	check(t, []Finding{
		of("", nil),
		of("keg", map[string]string{"keg": keg, "runc": "/usr/sbin/runc"}),
		of("other", map[string]string{"other": link}),
		of(keg, nil),
		of("runc", map[string]string{"k": keg}),
		of("keg", map[string]string{"keg": "/no/such/keg"}),
		of("/no/such/keg", nil),
		setup{err: errors.New("torn"), mend: "write it", once: "e --runtime"}.finding("E", "1.2", keg),
	},
		want{"E", Note, "1.2; does not use keg", "write it"},
		want{"E", OK, "keg is its runtime (/etc/e)", ""},
		want{"E", OK, "keg is its runtime", ""},
		want{"E", OK, "keg is its runtime", ""},
		want{"E", Note, `keg as the runtime "k", but not as the default`, "write it"},
		want{"E", Error, "names /no/such/keg as a runtime", "write it"},
		want{"E", Error, "names /no/such/keg", "write it"},
		want{"E", Warning, "cannot be read: torn", "for one container: e --runtime"})
}

// What is told to write has to be what is read: after the mend, keg is the
// engine's runtime.
func mended(t *testing.T, keg string, read func(content string) setup) {
	t.Helper()
	before := read("").finding("E", "1", keg)
	if before.Level != Note {
		t.Errorf("without a configuration: %+v", before)
	}
	after := read(fileOf(before.Mend)).finding("E", "1", keg)
	if after.Level != OK || !strings.Contains(after.Found, "keg is its runtime") {
		t.Errorf("after %s\n%+v", before.Mend, after)
	}
}

// fileOf is the content of the file that a mend names: between the first empty
// line and the last.
func fileOf(mend string) string {
	_, content, _ := strings.Cut(mend, ":\n\n")
	content, _, _ = strings.Cut(content, "\nthen: ")
	content, _, _ = strings.Cut(content, "\nfor one container: ")
	return content
}

func TestDocker(t *testing.T) {
	keg := installed(t)
	read := func(content string) setup { return dockerSetup(keg, "/etc/docker/daemon.json", content, "restart") }
	mended(t, keg, read)
	// What is there stays.
	s := read(`{"data-root": "/d", "runtimes": {"crun": {"path": "/usr/bin/crun"}}, "default-runtime": "crun", "mtu": 1400}`)
	var whole map[string]any
	if err := json.Unmarshal([]byte(fileOf(s.mend)), &whole); err != nil {
		t.Fatalf("%v in %s", err, s.mend)
	}
	list, _ := whole["runtimes"].(map[string]any)
	if whole["data-root"] != "/d" || whole["mtu"] != 1400.0 || len(list) != 2 || whole["default-runtime"] != "keg" || s.runtimes.standard != "crun" {
		t.Errorf("%v", whole)
	}
	if s := read("{"); s.err == nil || !strings.Contains(s.err.Error(), "daemon.json") || !strings.Contains(s.mend, keg) {
		t.Errorf("%+v", s)
	}
	if s := read(`{"runtimes": {"keg": {"path": "`+keg+`"}}}`).finding("Docker", "1", keg); s.Level != Note || !strings.Contains(s.Found, "not as the default") {
		t.Errorf("%+v", s)
	}
}

// containerdWith is containerd of a version with a configuration.
func containerdWith(t *testing.T, keg, content, version string, systemd bool) setup {
	t.Helper()
	conf, err := parseContainerd("/c/config.toml", content, version)
	if err != nil {
		t.Error(err)
	}
	return containerdSetup(keg, "/c/config.toml", conf, systemd, "restart")
}

func TestContainerd(t *testing.T) {
	keg := installed(t)
	for _, version := range []string{"1.7.1", "2.1.0", ""} {
		mended(t, keg, func(content string) setup { return containerdWith(t, keg, content, version, true) })
	}
	for _, tt := range []struct{ content, version, plugin string }{
		{"", "1.6.20~ds1", `version = 2` + "\n\n" + `[plugins."io.containerd.grpc.v1.cri".containerd]`},
		{"", "2.0.1", `version = 3` + "\n\n" + `[plugins."io.containerd.cri.v1.runtime".containerd]`},
		{"version = 2\n", "2.0.1", "config.toml:\n\n" + `[plugins."io.containerd.grpc.v1.cri".containerd]`},
		{"version = 3\n", "2.0.1", "config.toml:\n\n" + `[plugins."io.containerd.cri.v1.runtime".containerd]`},
		{"root = '/x'\n", "1.7.0", "config.toml:\n\n" + `[plugins."cri".containerd]`},
	} {
		if s := containerdWith(t, keg, tt.content, tt.version, false); !strings.Contains(s.mend, tt.plugin) || strings.Contains(s.mend, "SystemdCgroup") {
			t.Errorf("%q, %s: %s", tt.content, tt.version, s.mend)
		}
	}
	if s := containerdWith(t, keg, "", "1.7", true); !strings.Contains(s.mend, "SystemdCgroup = true") {
		t.Error(s.mend)
	}
}

// Before containerd 2 an imported file's section replaces that of the file itself.
func TestContainerdImports(t *testing.T) {
	const (
		section = `plugins.'io.containerd.grpc.v1.cri'.containerd`
		main    = "version = 2\nimports = ['*.toml', '/none/*']\n[" + section + "]\ndefault_runtime_name = 'one'\n" +
			"[" + section + ".runtimes.one.options]\nBinaryName = '/1'\n"
	)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.toml": "[" + section + ".runtimes.two.options]\nBinaryName = '/2'\n",
		"c.toml": "[" + section + ".runtimes]\n[" + section + ".runtimes]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for version, want := range map[string]string{"1.7.2": `map[two:/2]`, "2.0.1": `one map[one:/1 two:/2]`} {
		conf, err := parseContainerd("f", main, version)
		wrong := conf.readImports(dir, version)
		if err != nil || wrong == nil || !strings.Contains(wrong.Error(), dir+"/c.toml:2: ") {
			t.Errorf("%v, %v", err, wrong)
		}
		r := conf.runtimes()
		if got := strings.TrimSpace(fmt.Sprint(r.standard, " ", r.paths)); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestPodman(t *testing.T) {
	keg := installed(t)
	mended(t, keg, func(content string) setup {
		return podmanSetup(keg, "/drop", []conf{{"/usr/share", "[engine]\nruntime = \"crun\"\n"}, {"/drop", content}})
	})
	// The last file counts, and of a runtime's places the first that is there.
	s := podmanSetup(keg, "/drop", []conf{{"/a", "[engine]\nruntime = \"keg\"\n[engine.runtimes]\nkeg = [\n  \"/no/such/keg\", \"" + keg + "\",\n]\n"}, {"/b", "[engine]\n#runtime = \"x\"\n"}})
	if f := s.finding("Podman", "4", keg); f.Level != OK || !strings.Contains(f.Found, "(/a)") {
		t.Errorf("%+v", f)
	}
	s = podmanSetup(keg, "/drop", []conf{{"/a", "[engine]\nruntime = \"" + keg + "\"\n"}, {"/b", "[engine]\nruntime = \"crun\"\n"}})
	if f := s.finding("Podman", "4", keg); f.Level != Note || !strings.Contains(f.Found, "does not use keg") {
		t.Errorf("%+v", f)
	}
	s = podmanSetup(keg, "/drop", []conf{{"/a", "[engine"}, {"/b", "[engine]\nruntime = \"" + keg + "\"\n"}})
	if f := s.finding("Podman", "4", keg); f.Level != Warning || !strings.Contains(f.Found, "cannot be read: /a:1: ") {
		t.Errorf("%+v", f)
	}
}

func TestOtherEngines(t *testing.T) {
	keg := installed(t)
	mended(t, keg, func(content string) setup {
		return crioSetup(keg, []conf{{"/etc/crio/crio.conf.d/90-keg.conf", content}}, "restart")
	})
	mended(t, keg, func(content string) setup {
		return buildkitSetup(keg, "/etc/buildkit/buildkitd.toml", content, "restart")
	})
	m := &machine{Options: Options{Keg: keg}}
	if s := nerdctl(m, ""); !strings.Contains(s.mend, "--runtime "+keg) {
		t.Error(s.mend)
	}
	if s := kubelet(m, ""); !strings.Contains(s.mend, "kind: RuntimeClass") || !strings.Contains(s.mend, "handler: keg") {
		t.Error(s.mend)
	}
}

func TestK3s(t *testing.T) {
	keg := installed(t)
	for version, want := range map[string]string{"1.30.2+k3s1": "/d/config.toml.tmpl", "1.33.1+k3s1": "/d/config-v3.toml.tmpl"} {
		s := k3sSetup(keg, "/d/", "", "", "", version, "restart")
		if f := s.finding("k3s", version, keg); f.Level != Note || !strings.Contains(s.mend, "write "+want) || !strings.Contains(s.mend, `{{ template "base" . }}`) || !strings.Contains(s.mend, keg) {
			t.Errorf("%s: %+v", version, s)
		}
		// k3s puts its own lines where the template says "base".
		template := fileOf(s.mend)
		format := "version = 3\n"
		if strings.Contains(template, "grpc") {
			format = "version = 2\n"
		}
		written := strings.Replace(template, `{{ template "base" . }}`, format, 1)
		again := k3sSetup(keg, "/d/", template, template, written, version, "restart")
		if f := again.finding("k3s", version, keg); !strings.Contains(f.Found, `/d/config.toml has keg as the runtime "keg"`) || !strings.Contains(again.mend, "add to "+want) {
			t.Errorf("%s: %+v", version, f)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]string{
		"Docker version 20.10.24+dfsg1, build 297e128":                                "20.10.24+dfsg1",
		"containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1": "1.6.20~ds1",
		"buildkitd github.com/moby/buildkit v0.12.5 bac3f2b":                          "0.12.5",
		"Version: 3.17.1":          "3.17.1",
		"crio version 1.29.1\nVer": "1.29.1",
		"k3s version v1.30.2+k3s1 (faeaf1b0)\ngo version go1.22": "1.30.2+k3s1",
		"no number": "",
	} {
		if got := firstVersion(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestRelease(t *testing.T) {
	for _, bad := range []string{"", "6", "6.", ".6", "x.1", "99999999999999999999.1"} {
		if r, ok := parseRelease(bad); ok {
			t.Errorf("%q: %v", bad, r)
		}
	}
	a, b := release{5, 14}, release{6, 1}
	if !a.before(b) || b.before(a) || a.before(a) || !a.before(release{5, 15}) {
		t.Error("order")
	}
}

func TestRestart(t *testing.T) {
	for _, tt := range []struct {
		m          machine
		own, roots string
	}{
		{machine{systemd: true}, "systemctl restart x", "systemctl restart x"},
		{machine{systemd: true, uid: 7}, "systemctl --user restart x", "sudo systemctl restart x"},
		{machine{uid: 7}, "restart x", "restart x"},
	} {
		if own, roots := tt.m.restart("x"), tt.m.restartRoots("x"); own != tt.own || roots != tt.roots {
			t.Errorf("%+v: %q, %q", tt.m, own, roots)
		}
	}
}
