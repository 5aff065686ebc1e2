package main

import (
	"slices"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// commandPage is keg-COMMAND(1), made of what help shows.
func commandPage(cmd command, date string) string {
	p := newPage("keg-"+cmd.key(), date)
	p.section("NAME")
	p.line(literal("keg-"+cmd.key()) + ` \- ` + prose(cmd.short))
	p.section("SYNOPSIS")
	p.line(bold("keg "+cmd.name) + " [" + italic("flags") + "]" + synopsis(cmd.args))
	p.section("DESCRIPTION")
	p.text(sentence(cmd.short))
	if cmd.long != "" {
		p.macro(".PP")
		p.text(cmd.long)
	}
	if cmd.parts != nil {
		p.section("COMMANDS")
		p.commands(cmd.parts)
	}
	p.section("OPTIONS")
	p.flags(cmd.flags())
	p.macro(".PP")
	p.line("Those that all commands have are in " + reference("keg") + ".")
	p.section("SEE ALSO")
	p.line(reference("keg"))
	return p.String()
}

// kegPage is keg(1).
func kegPage(date string) string {
	p := newPage("keg", date)
	p.section("NAME")
	p.line(`keg \- run OCI containers`)
	p.section("SYNOPSIS")
	p.line(bold("keg") + " [" + italic("global flags") + "] " + italic("COMMAND") +
		" [" + italic("flags") + "] [" + italic("arguments") + "]")
	p.section("DESCRIPTION")
	p.text(aboutKeg)
	p.section("COMMANDS FOR PEOPLE")
	p.commands(commandsFor(forPeople))
	p.section("COMMANDS FOR ENGINES")
	p.text("And for people with a bundle: a config.json and a root file system.")
	p.commands(commandsFor(forEngines))
	p.section("COMMANDS FOR MACHINES THAT BOOT INTO CONTAINERS")
	p.commands(commandsFor(forMachines))
	p.section("OPTIONS")
	p.line("All commands have these. They stand in front of the command or behind it.")
	p.flags(leadingFlags())
	p.section("EXIT STATUS")
	p.text(aboutStatus)
	p.section("ENVIRONMENT")
	for _, row := range aboutEnvironment {
		p.term(bold(row.name), row.what)
	}
	p.section("FILES")
	for _, row := range aboutFiles {
		p.term(italic(row.name), row.what)
	}
	p.section("EXAMPLES")
	p.text(aboutUse)
	p.section("SEE ALSO")
	p.line(reference("keg-shell") + ", " + reference("keg-run") + ", " + reference("keg-explain"))
	return p.String()
}

func commandsFor(who audience) []command {
	return slices.DeleteFunc(commands(), func(cmd command) bool { return cmd.audience != who })
}

func (p *page) commands(list []command) {
	for _, cmd := range list {
		p.term(reference("keg-"+cmd.key()), cmd.short)
	}
}

func (p *page) flags(flags []argv.Flag) {
	for _, f := range flags {
		name := bold("--" + f.Name)
		if f.Short != 0 {
			name = bold("-"+string(f.Short)) + ", " + name
		}
		if f.Value != "" {
			name += " " + italic(f.Value)
		}
		p.term(name, f.Usage)
	}
}

// synopsis is a command's arguments, with what stands for something else in
// italics.
func synopsis(args string) string {
	if args == "" {
		return ""
	}
	var b strings.Builder
	b.WriteByte(' ')
	for args != "" {
		n := strings.IndexFunc(args, upper)
		if n < 0 {
			break
		}
		b.WriteString(literal(args[:n]))
		args = args[n:]
		end := strings.IndexFunc(args, func(r rune) bool { return !upper(r) })
		if end < 0 {
			end = len(args)
		}
		b.WriteString(italic(args[:end]))
		args = args[end:]
	}
	return b.String() + literal(args)
}

func upper(r rune) bool { return r >= 'A' && r <= 'Z' }
