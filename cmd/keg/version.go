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

// writeVersion prints what go-runc and Docker parse: `NAME version X`. They
// accept no name but runc, so keg says that one when it is installed as runc.
func (c *call) writeVersion() error {
	name := "keg"
	if c.program == "runc" {
		name = "runc"
	}
	number, revision := buildVersion()
	return c.print(fmt.Appendf(nil, "%s version %s\ncommit: %s\nspec: %s\ngo: %s\n",
		name, number, revision, specs.Version, runtime.Version()))
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
