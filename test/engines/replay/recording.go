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

	"github.com/keg-project/keg/test/kegtest"
)

// kept has the files with calls, from the directory of each engine's tests.
const kept = "../replay/testdata/calls"

// update: package engines has the flag.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// Compare holds what an engine has called its runtime with against what is written
// down, and with -update writes it down.
func Compare(t testing.TB, engine string, calls []Call) {
	t.Helper()
	path := filepath.Join(kept, engine+".json")
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
}

// contains leaves out the descriptors that the engine has let through by chance.
func contains(calls []Call, c Call) bool {
	return slices.ContainsFunc(calls, func(other Call) bool { return other.key() == c.key() })
}

// Recorder puts a program into dir that writes down how it is called, and becomes
// runc.
func Recorder(t testing.TB, dir string) string {
	t.Helper()
	program, err := kegtest.Program("../replay/testdata/recorder/recorder.go")
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

// Recorded are the calls of the program that Recorder has made.
func Recorded(t testing.TB, recorder string) []Call {
	t.Helper()
	files, err := filepath.Glob(recorder + ".calls/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no calls of %s: %v", recorder, err)
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
func writeCalls(t testing.TB, path string, calls []Call) {
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
