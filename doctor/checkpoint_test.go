package doctor

import "testing"

func TestCRIU(t *testing.T) {
	of := func(path, version, kernel string) Finding {
		return criuFacts{path: path, version: version, kernel: kernel, install: installerOf("ID=debian\n")}.finding()
	}
	check(t, []Finding{
		of("", "", "6.1.0"),
		of("/c", "3.17.1", "6.1.0"),
		of("/c", "3.13", "6.1.0"),
		of("/c", "3.17.1", "6.13.0"),
		of("/c", "4.1", "6.13.0"),
		of("/c", "unknown version (exit status 1)", "6.13.0"),
	},
		want{"CRIU", Note, "is not installed", "sudo apt-get install criu"},
		want{"CRIU", OK, "3.17.1 (/c)", ""},
		want{"CRIU", Note, "3.13 (/c), which is too old for Linux 6.1.0", "CRIU 3.14 or newer"},
		want{"CRIU", Note, "too old for Linux 6.13.0", "CRIU 4.1 or newer"},
		want{"CRIU", OK, "4.1 (/c)", ""},
		want{"CRIU", OK, "unknown version", ""})
}
