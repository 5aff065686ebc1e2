package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keg-project/keg/boot/modules"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootModprobeCommand() command {
	return command{
		name: "modprobe", args: "NAME [PARAMETER=VALUE...]", min: 1, max: -1,
		short: "load kernel modules, by their names or by aliases of devices",
		long: "What a module needs is loaded before it. The files of depmod and modprobe.d are\n" +
			"read, but for install and remove commands. A module that is built into the kernel\n" +
			"is there. Where there is no modprobe, `keg boot init` has the kernel call keg for\n" +
			"it, by the name modprobe; the flags are those of busybox.",
		setup: setupBootModprobe,
	}
}

type modprobeFlags struct{ all, quiet, blacklist, verbose bool }

func setupBootModprobe(s *argv.Set) action {
	f := &modprobeFlags{}
	s.Bool(&f.all, "all", 'a', "all arguments are names")
	s.Bool(&f.quiet, "quiet", 'q', "do not say that there is no such module: the status does, 1")
	s.Bool(&f.blacklist, "use-blacklist", 'b', "leave out what is blacklisted, also if it is named itself")
	s.Bool(&f.verbose, "verbose", 'v', "print what is loaded")
	const only = "keg loads modules, and does nothing else with them"
	s.Refuse("remove", 'r', "", "refused: keg removes no modules", only)
	s.Refuse("list", 'l', "", "refused", only)
	s.Refuse("show-depends", 'D', "", "refused", only)
	s.Refuse("syslog", 's', "", "refused: keg writes to standard error", "keg writes to standard error")
	return func(c *call, args argv.Args) (int, error) { return f.run(c, args.All()) }
}

func (f *modprobeFlags) run(c *call, words []string) (int, error) {
	names, parameters, err := f.split(words)
	if err != nil {
		return 1, err
	}
	loader, err := modules.ForThisKernel()
	if err != nil {
		return 1, f.unless(err, modules.ErrNone)
	}
	if f.verbose {
		loader.Told = func(path, parameters string) {
			c.print([]byte(strings.TrimSuffix("insmod "+path+" "+parameters, " ") + "\n"))
		}
	}
	loader.UseBlacklist = f.blacklist
	status := 0
	var errs []error
	for _, name := range names {
		loader.AddParameters(name, parameters)
		n, err := loader.Load(name)
		if n == 0 && err == nil && !loader.BuiltIn(name) {
			status, err = 1, f.unless(fmt.Errorf("%w for %s", errNoModule, name), errNoModule)
		}
		errs = append(errs, err)
	}
	return status, errors.Join(errs...)
}

var errNoModule = errors.New("no module")

// unless leaves out an error that --quiet is about.
func (f *modprobeFlags) unless(err, quiet error) error {
	if f.quiet && errors.Is(err, quiet) {
		return nil
	}
	return err
}

// split tells names from the parameters of the only one.
func (f *modprobeFlags) split(words []string) (names, parameters []string, err error) {
	if f.all {
		return words, nil, nil
	}
	for _, word := range words[1:] {
		if !strings.Contains(word, "=") {
			return nil, nil, fmt.Errorf("%q is no PARAMETER=VALUE; several modules are loaded with --all", word)
		}
	}
	return words[:1], words[1:], nil
}

// modprobeName is keg as the kernel calls modprobe: modprobe -q -- ALIAS.
func modprobeName(name string, args []string) []string {
	if name != "modprobe" {
		return nil
	}
	return append([]string{"boot", "modprobe"}, args...)
}
