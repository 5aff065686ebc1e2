package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// Set by the linker: -ldflags "-X main.version=1.2.3 -X main.commit=...".
var (
	version string
	commit  string
)

func versionCommand() command {
	return command{
		name: "version", max: 0,
		short: "print keg's version",
		long: "After it: the commit that it was built from, the version of the OCI runtime\n" +
			"specification that it implements, and that of the Go compiler.",
		setup: func(*argv.Set) action {
			return func(c *call, _ argv.Args) (int, error) { return 0, c.writeVersion() }
		},
	}
}

// writeVersion prints what go-runc and Docker parse: `NAME version X`. go-runc
// reads no other name than runc, so keg says that one where it stands in its place.
func (c *call) writeVersion() error {
	name := "keg"
	if c.isRunc() {
		name = "runc"
	}
	return c.print([]byte(name + " version " + versionLines()))
}

func versionLines() string {
	number, revision := buildVersion()
	return fmt.Sprintf("%s\ncommit: %s\nspec: %s\ngo: %s\n", number, revision, specs.Version, runtime.Version())
}

// buildVersion falls back on what the Go toolchain noted when the linker was
// told nothing.
func buildVersion() (number, revision string) {
	number, revision = version, commit
	if info, ok := debug.ReadBuildInfo(); ok {
		if number == "" && info.Main.Version != "(devel)" {
			number = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && revision == "" {
				revision = s.Value
			}
		}
	}
	if number == "" {
		number = "unknown"
	}
	if revision == "" {
		revision = "unknown"
	}
	return number, revision
}
