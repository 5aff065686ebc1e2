package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// isRunc tells whether keg stands in runc's place, as a link or a copy of that
// name: then whoever asks it for its version or its help reads runc's forms.
func (c *call) isRunc() bool { return c.program == "runc" }

// writeRuncHelp is the help in the layout of runc's: scripts look in it for a
// command or a flag before they use it.
func (c *call) writeRuncHelp() error {
	var b strings.Builder
	b.WriteString("NAME:\n   runc - Open Container Initiative runtime (keg)\n\n" +
		"USAGE:\n   runc [global options] command [command options] [arguments...]\n\n" +
		"VERSION:\n   " + versionLines() + "\nCOMMANDS:\n")
	for _, cmd := range commands() {
		fmt.Fprintf(&b, "   %-10s  %s\n", cmd.name, cmd.short)
	}
	runcHelp.write(&b, "GLOBAL OPTIONS", leadingFlags())
	return c.print([]byte(b.String()))
}

func (c *call) writeRuncCommandHelp(cmd command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "NAME:\n   runc %s - %s\n\nUSAGE:\n   runc %s [command options] %s\n", cmd.name, cmd.short, cmd.name, cmd.args)
	if cmd.long != "" {
		fmt.Fprintf(&b, "\nDESCRIPTION:\n   %s\n", strings.ReplaceAll(cmd.long, "\n", "\n   "))
	}
	runcHelp.write(&b, "OPTIONS", cmd.ownFlags())
	return c.print([]byte(b.String()))
}

var runcHelp = flagLayout{"   ", 35, runcSpelled}

// runcSpelled is a flag as runc's help has it: "--bundle value, -b value".
func runcSpelled(f argv.Flag) string {
	value := ""
	if f.Value != "" {
		value = " value"
	}
	text := "--" + f.Name + value
	if f.Short != 0 {
		text += ", -" + string(f.Short) + value
	}
	return text
}
