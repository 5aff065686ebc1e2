package replay

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// update: package engines has the flag.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

func TestMain(m *testing.M) { kegtest.Main(m) }

// TestRecord has each engine call runc through the recorder, and compares with
// what is written down.
func TestRecord(t *testing.T) {
	engines.Need(t, "dockerd", "docker", "containerd", "ctr", "podman", "conmon", "buildah", "runc")
	for _, engine := range []string{"docker", "containerd", "podman", "buildah"} {
		t.Run(engine, func(t *testing.T) {
			calls := record(t, engine)
			path := filepath.Join("testdata/calls", engine+".json")
			if update() {
				writeCalls(t, path, calls)
			}
			written := readCalls(t, path)
			for _, c := range calls {
				if !contains(written, c) {
					t.Errorf("%s calls its runtime in another way, run the test with -update:\n%+v", engine, c)
				}
			}
			for _, c := range written {
				if !contains(calls, c) {
					t.Errorf("%s no longer calls its runtime so, run the test with -update:\n%+v", engine, c)
				}
			}
		})
	}
}

// contains leaves out the descriptors that the engine has let through by chance.
func contains(calls []Call, c Call) bool {
	return slices.ContainsFunc(calls, func(other Call) bool { return other.key() == c.key() })
}

// record runs testdata/record/ENGINE.sh in namespaces of its own, which end with
// it and all that it has started.
func record(t *testing.T, engine string) []Call {
	t.Helper()
	dir := kegtest.TempDir(t)
	runtime := installRecorder(t, dir)
	kegtest.Populate(t, filepath.Join(dir, "rootfs"))
	script, err := filepath.Abs(filepath.Join("testdata/record", engine+".sh"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
		"bash", script, dir, runtime, filepath.Base(dir))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	r := kegtest.Finish(t, cmd)
	removeCgroups(t, filepath.Base(dir))
	if r.Code != 0 {
		t.Fatalf("%s: exit status %d\n%s\n%s", script, r.Code, r.Stdout, r.Stderr)
	}
	return calls(t, runtime+".calls")
}

// installRecorder puts the recorder, before runc, into dir.
func installRecorder(t *testing.T, dir string) string {
	t.Helper()
	program, err := kegtest.Program("testdata/recorder/main.go")
	if err != nil {
		t.Fatal(err)
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "runc")
	for _, err := range []error{
		os.WriteFile(path, program, 0o755),
		os.Symlink(runc, path+".real"),
		os.Mkdir(path+".calls", 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// removeCgroups removes the parent that the script has put its containers below.
func removeCgroups(t *testing.T, name string) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		dirs, _ := filepath.Glob(pattern + name)
		for _, dir := range dirs {
			exec.Command("find", dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run()
		}
	}
}

func calls(t *testing.T, dir string) []Call {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no calls in %s: %v", dir, err)
	}
	var list []Call
	for _, f := range files {
		var c Call
		data, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(data, &c)
		}
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		list = append(list, c.general())
	}
	return distinct(list)
}

func readCalls(t testing.TB, path string) []Call {
	t.Helper()
	var list []Call
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d calls, %v", path, len(list), err)
	}
	return list
}

// writeCalls has a line for each call.
func writeCalls(t *testing.T, path string, calls []Call) {
	t.Helper()
	var lines []string
	for _, c := range calls {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	text := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
