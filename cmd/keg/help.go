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
	fmt.Fprintf(&b, "keg runs OCI containers.\n\nusage: %s [global flags] COMMAND [flags] [arguments]\n", c.program)
	writeGroup(&b, "For people", forPeople)
	writeGroup(&b, "For engines", forEngines)
	writeGroup(&b, "For machines that boot into containers", forMachines)
	writeGlobalFlags(&b)
	fmt.Fprintf(&b, "\n`%s help COMMAND` explains a command and its flags.\n", c.program)
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
	flags := argv.New(nil)
	cmd.setup(flags)
	writeParts(&b, cmd)
	writeFlags(&b, "Flags", flags)
	writeGlobalFlags(&b)
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

func writeGlobalFlags(b *strings.Builder) {
	flags := argv.New(nil)
	new(global).add(flags)
	writeFlags(b, "Global flags", flags)
}

func writeFlags(b *strings.Builder, title string, flags *argv.Set) {
	if len(flags.Flags()) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, f := range flags.Flags() {
		fmt.Fprintf(b, "  %-32s %s\n", spelled(f), f.Usage)
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
