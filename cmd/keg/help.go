package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func helpCommand() command {
	return command{
		name: "help", args: "[COMMAND]", max: 2,
		short: "explain keg, or one of its commands",
		setup: func(*argv.Set) action { return help },
	}
}

func help(c *call, args argv.Args) (int, error) {
	words := args.All()
	if len(words) == 0 {
		return 0, c.writeHelp()
	}
	cmd, ok := findIn(commands(), words...)
	if !ok {
		return 1, fmt.Errorf("help: unknown command %q; `%s help` lists them", strings.Join(words, " "), c.program)
	}
	return 0, c.writeCommandHelp(cmd)
}

func (c *call) writeHelp() error {
	if c.isRunc() {
		return c.writeRuncHelp()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "keg runs containers: for people with `%s shell`, for engines as runc does.\n\n"+
		"usage: %[1]s [global flags] COMMAND [flags] [arguments]\n", c.program)
	writeGroup(&b, "For people", forPeople)
	writeGroup(&b, "For engines, and for people with a bundle (a config.json and a root file system)", forEngines)
	writeGroup(&b, "For machines that boot into containers", forMachines)
	nativeHelp.write(&b, "Global flags", leadingFlags())
	fmt.Fprintf(&b, "\n`%s help COMMAND` explains a command and its flags; the global ones may stand behind it.\n", c.program)
	return c.print([]byte(b.String()))
}

func writeGroup(b *strings.Builder, title string, who audience) {
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, cmd := range commandsFor(who) {
		fmt.Fprintf(b, "  %-12s %s\n", cmd.name, cmd.short)
	}
}

func (c *call) writeCommandHelp(cmd command) error {
	if c.isRunc() {
		return c.writeRuncCommandHelp(cmd)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", c.usageLine(cmd), sentence(cmd.short))
	if cmd.long != "" {
		fmt.Fprintf(&b, "\n%s\n", cmd.long)
	}
	writeParts(&b, cmd)
	nativeHelp.write(&b, "Flags", cmd.ownFlags())
	fmt.Fprintf(&b, "\n`%s help` lists the flags that all commands have, such as --root and --log.\n", c.program)
	return c.print([]byte(b.String()))
}

func writeParts(b *strings.Builder, cmd command) {
	if cmd.parts == nil {
		return
	}
	b.WriteString("\nCommands:\n")
	for _, part := range cmd.parts {
		fmt.Fprintf(b, "  %-12s %s\n", part.word(), part.short)
	}
}

// flagLayout is how a table of flags looks.
type flagLayout struct {
	indent  string
	width   int
	spelled func(argv.Flag) string
}

var nativeHelp = flagLayout{"  ", 32, spelled}

// write has what a flag is for behind it or, where it is too long, in the next line.
func (l flagLayout) write(b *strings.Builder, title string, flags []argv.Flag) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, f := range flags {
		name := l.spelled(f)
		if len(name) > l.width {
			fmt.Fprintf(b, "%s%s\n", l.indent, name)
			name = ""
		}
		fmt.Fprintf(b, "%s%-*s %s\n", l.indent, l.width, name, f.Usage)
	}
}

// spelled is a flag as a person would type it: "-b, --bundle DIR".
func spelled(f argv.Flag) string {
	text := "    --" + f.Name
	if f.Short != 0 {
		text = "-" + string(f.Short) + ", --" + f.Name
	}
	if f.Value != "" {
		text += " " + f.Value
	}
	return text
}

// sentence makes a full one of a command's short description.
func sentence(short string) string {
	return strings.ToUpper(short[:1]) + short[1:] + "."
}
