package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func completionCommand() command {
	return command{
		name: "completion", args: "bash|zsh|fish", min: 1, max: 1,
		short: "print a shell's completion script",
		long: "bash: source <(keg completion bash)\n" +
			"zsh:  source <(keg completion zsh)\n" +
			"fish: keg completion fish | source",
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
		// zsh reads bash's, with its own compatibility layer loaded first.
		script = "autoload -Uz compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n" + bashCompletion()
	case "fish":
		script = fishCompletion()
	default:
		return 1, fmt.Errorf("completion: unknown shell %q: must be bash, zsh or fish", shell)
	}
	return 0, c.print([]byte(script))
}

// takesID tells whether the command's argument is a container that exists.
func (cmd command) takesID() bool {
	return strings.HasPrefix(cmd.args, "ID") && cmd.name != "create" && cmd.name != "run"
}

// arguments are the words that the command's argument may be, other than ids.
func (cmd command) arguments() string {
	switch cmd.name {
	case "help":
		return commandNames()
	case "completion":
		return "bash zsh fish"
	}
	return ""
}

func commandNames() string {
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
	}
	return strings.Join(names, " ")
}

func (cmd command) flags() []argv.Flag {
	s := argv.New(nil)
	cmd.setup(s)
	return s.Flags()
}

func globalFlags() []argv.Flag {
	s := argv.New(nil)
	new(global).add(s)
	return s.Flags()
}

func longNames(flags []argv.Flag) string {
	var names []string
	for _, f := range flags {
		names = append(names, "--"+f.Name)
	}
	return strings.Join(names, " ")
}

// withValue are the global flags whose value is a word of its own: it is not
// the command.
func withValue() string {
	var names []string
	for _, f := range globalFlags() {
		if f.Value != "" {
			names = append(names, "--"+f.Name)
		}
	}
	return strings.Join(names, "|")
}

func bashCompletion() string {
	var b strings.Builder
	b.WriteString(`_keg() {
	local cur=${COMP_WORDS[COMP_CWORD]} cmd= words= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		` + withValue() + `) ((i++)) ;;
		-*) ;;
		*) cmd=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $cmd in
	'') words='` + commandNames() + `'; [[ $cur == -* ]] && words='` + longNames(globalFlags()) + ` --version --help' ;;
`)
	for _, cmd := range commands() {
		words := "'" + cmd.arguments() + "'"
		if cmd.takesID() {
			words = `$(keg list -q 2>/dev/null)`
		}
		fmt.Fprintf(&b, "\t%s) words=%s; [[ $cur == -* ]] && words='%s' ;;\n",
			cmd.name, words, strings.TrimSpace(longNames(cmd.flags())+" --help"))
	}
	b.WriteString(`	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _keg keg
`)
	return b.String()
}

func fishCompletion() string {
	var b strings.Builder
	b.WriteString("complete -c keg -e\n")
	for _, f := range globalFlags() {
		writeFishFlag(&b, "__fish_use_subcommand", f)
	}
	for _, cmd := range commands() {
		fmt.Fprintf(&b, "complete -c keg -n __fish_use_subcommand -f -a %s -d %s\n", cmd.name, fishQuote(cmd.short))
		seen := fishQuote("__fish_seen_subcommand_from " + cmd.name)
		for _, f := range cmd.flags() {
			writeFishFlag(&b, seen, f)
		}
		words := cmd.arguments()
		if cmd.takesID() {
			words = "(keg list -q 2>/dev/null)"
		}
		if words != "" {
			fmt.Fprintf(&b, "complete -c keg -n %s -f -a %s\n", seen, fishQuote(words))
		}
	}
	return b.String()
}

func writeFishFlag(b *strings.Builder, condition string, f argv.Flag) {
	fmt.Fprintf(b, "complete -c keg -n %s -l %s", condition, f.Name)
	if f.Short != 0 {
		fmt.Fprintf(b, " -s %c", f.Short)
	}
	if f.Value != "" {
		b.WriteString(" -r")
	}
	fmt.Fprintf(b, " -d %s\n", fishQuote(f.Usage))
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
