package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/signame"
)

func completionCommand() command {
	return command{
		name: "completion", args: "bash|zsh|fish", min: 1, max: 1,
		short: "print a shell's completion script",
		long: "A package of keg installs them. Otherwise, in a start-up file of the shell:\n\n" +
			"  source <(keg completion bash)\n" +
			"  source <(keg completion zsh)\n" +
			"  keg completion fish | source",
		setup: func(*argv.Set) action { return completion },
	}
}

// completion prints a script that knows all commands and flags, so that a
// press of Tab starts keg only where ids are wanted.
func completion(c *call, args argv.Args) (int, error) {
	var script string
	switch shell := args.All()[0]; shell {
	case "bash":
		script = bashCompletion()
	case "zsh":
		script = zshCompletion()
	case "fish":
		script = fishCompletion()
	default:
		return 1, fmt.Errorf("completion: unknown shell %q: must be bash, zsh or fish", shell)
	}
	return 0, c.print([]byte(script))
}

// offer is what can stand in one place of a command line. The zero value is
// something that nobody but the person knows.
type offer struct {
	words []string // one of these
	ids   []string // a container with one of these statuses
	path  pathKind
}

type pathKind int

const (
	noPath pathKind = iota
	anyFile
	directory
)

// every is all that `keg list` can show.
var every = []string{"creating", "created", "running", "paused", "stopped"}

// argument is what can stand in an argument's place.
type argument struct {
	offer
	repeated bool // and in all places behind it
}

// arguments are what a command's arguments can be, as far as that is known.
func (cmd command) arguments() []argument {
	if cmd.parts != nil {
		return []argument{{offer: offer{words: names(cmd.parts)}}}
	}
	if cmd.takesCommand() {
		return []argument{{offer: offer{words: names(commands())}}}
	}
	switch cmd.name {
	case "completion":
		return []argument{{offer: offer{words: strings.Split(cmd.args, "|")}}}
	case "shell":
		return []argument{{offer: offer{path: anyFile}}}
	case "kill":
		return []argument{{offer: offer{ids: cmd.statuses()}}, {offer: offer{words: signame.Names[1:]}}}
	}
	if cmd.takesID() {
		return []argument{{offer{ids: cmd.statuses()}, strings.HasPrefix(cmd.args, "ID...")}}
	}
	return nil
}

// takesID tells whether the command's argument is a container that exists.
func (cmd command) takesID() bool {
	return strings.HasPrefix(cmd.args, "ID") && cmd.name != "create" && cmd.name != "run" && cmd.name != "restore"
}

// statuses are those in which the command does something to a container;
// without its flags, but for delete, whose --force is for all of them.
func (cmd command) statuses() []string {
	switch cmd.name {
	case "start":
		return []string{"created"}
	case "exec", "pause":
		return []string{"created", "running"}
	case "resume":
		return []string{"paused"}
	case "kill", "update", "ps", "events":
		return []string{"created", "running", "paused"}
	}
	return every
}

// offer is what the value of a flag can be, told by what help calls it.
func flagOffer(f argv.Flag) offer {
	switch {
	case f.Value == "DIR":
		return offer{path: directory}
	case f.Value == "FILE" || f.Value == "PATH" || f.Value == "SOCKET":
		return offer{path: anyFile}
	case strings.Contains(f.Value, "|"):
		return offer{words: strings.Split(f.Value, "|")}
	}
	return offer{}
}

func names(list []command) []string {
	var words []string
	for _, cmd := range list {
		words = append(words, cmd.word())
	}
	return words
}

// completed are all commands that a script knows. Where a group's name is the
// argument, of help and manual, the name of one of its commands can follow: that is
// as if they had groups of the same names.
func completed() []command {
	all := allCommands()
	for _, cmd := range commands() {
		if !cmd.takesCommand() {
			continue
		}
		for _, g := range commands() {
			if g.parts == nil {
				continue
			}
			about := cmd
			about.name, about.args, about.parts = cmd.name+" "+g.name, g.args, g.parts
			all = append(all, about)
		}
	}
	return all
}

// takesCommand tells whether the argument is the name of a command.
func (cmd command) takesCommand() bool { return cmd.name == "help" || cmd.name == "manual" }

// twoWords are the keys of the commands whose names have two words.
func twoWords() []string {
	var keys []string
	for _, cmd := range completed() {
		if strings.Contains(cmd.name, " ") {
			keys = append(keys, cmd.key())
		}
	}
	return keys
}

// flags are those that can stand behind the command, but for the global ones.
func (cmd command) flags() []argv.Flag {
	return append(cmd.ownFlags(), argv.Flag{Name: "help", Usage: "explain the command"})
}

func (cmd command) ownFlags() []argv.Flag {
	s := argv.New(nil)
	cmd.setup(s)
	return s.Flags()
}

// globalFlags are those that stand in front of the command, or behind it.
func globalFlags() []argv.Flag {
	s := argv.New(nil)
	new(global).add(s)
	return s.Flags()
}

// leadingFlags are those that can stand in front of the command.
func leadingFlags() []argv.Flag {
	return append(globalFlags(), argv.Flag{Name: "version", Short: 'v', Usage: "print keg's version"},
		argv.Flag{Name: "help", Short: 'h', Usage: "list the commands and these flags"})
}

func longNames(flags []argv.Flag) string {
	var names []string
	for _, f := range flags {
		names = append(names, "--"+f.Name)
	}
	return strings.Join(names, " ")
}

// spellings are a flag's names behind prefix, as patterns of a shell.
func spellings(prefix string, f argv.Flag) []string {
	names := []string{prefix + "--" + f.Name}
	if f.Short != 0 {
		names = append(names, prefix+"-"+string(f.Short))
	}
	return names
}

// withValue are the patterns COMMAND:FLAG of all flags that have a value, with
// what it can be. Global ones are known to every command.
func withValue(do func(patterns []string, o offer)) {
	for _, f := range globalFlags() {
		if f.Value != "" {
			do(spellings("*:", f), flagOffer(f))
		}
	}
	for _, cmd := range completed() {
		for _, f := range cmd.flags() {
			if f.Value != "" {
				do(spellings(cmd.key()+":", f), flagOffer(f))
			}
		}
	}
}
