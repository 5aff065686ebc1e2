package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func zshCompletion() string {
	var globals, list, cases strings.Builder
	for _, f := range globalFlags() {
		writeZshFlag(&globals, "\t\t", f)
	}
	for _, cmd := range commands() {
		fmt.Fprintf(&list, "\t\t%s\n", zshQuote(cmd.name+":"+zshEscape(cmd.short)))
	}
	for _, cmd := range completed() {
		writeZshCommand(&cases, cmd)
	}
	return strings.NewReplacer("@GLOBALS@\n", globals.String(), "@NAMES@\n", list.String(),
		"@CASES@\n", cases.String(), "@NESTED@", strings.Join(twoWords(), "|")).Replace(zshScript)
}

func writeZshCommand(b *strings.Builder, cmd command) {
	fmt.Fprintf(b, "\t%s)\n\t\tspecs+=(\n", cmd.key())
	for _, f := range cmd.flags() {
		writeZshFlag(b, "\t\t\t", f)
	}
	for i, a := range cmd.arguments() {
		place := fmt.Sprint(i + 1)
		if a.repeated {
			place = "*"
		}
		fmt.Fprintf(b, "\t\t\t%s\n", zshQuote(place+":argument:"+zshOffer(a.offer)))
	}
	if cmd.verbatim || strings.Contains(cmd.args, "--") {
		b.WriteString("\t\t\t'*::command: _normal'\n")
	}
	b.WriteString("\t\t) ;;\n")
}

// writeZshFlag writes specifications for _arguments. The star allows for
// repetition, which keg does too.
func writeZshFlag(b *strings.Builder, indent string, f argv.Flag) {
	for _, name := range spellings("", f) {
		spec := "*" + name
		if f.Value != "" {
			if spec += "+"; strings.HasPrefix(name, "--") {
				spec = "*" + name + "="
			}
		}
		spec += "[" + zshEscape(f.Usage) + "]"
		if f.Value != "" {
			spec += ":" + zshEscape(f.Value) + ":" + zshOffer(flagOffer(f))
		}
		fmt.Fprintf(b, "%s%s\n", indent, zshQuote(spec))
	}
}

func zshOffer(o offer) string {
	switch {
	case len(o.words) > 0:
		return "(" + strings.Join(o.words, " ") + ")"
	case len(o.ids) > 0:
		return " _keg_ids " + // the space: without options for compadd
			strings.Join(o.ids, " ")
	case o.path == directory:
		return "_directories"
	case o.path == anyFile:
		return "_files"
	}
	return ""
}

// zshEscape protects what means something inside a specification.
func zshEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `:`, `\:`, `[`, `\[`, `]`, `\]`).Replace(s)
}

func zshQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

const zshScript = `#compdef keg
# zsh completion for keg; made by: keg completion zsh

# _keg_ids offers the containers that have one of the statuses named.
_keg_ids() {
	local id pid state rest
	local -a found expl
	keg $keg_root list 2>/dev/null | while read -r id pid state rest; do
		(( $argv[(Ie)$state] )) && found+=($id)
	done
	_wanted containers expl container compadd -a found
}

_keg() {
	local curcontext=$curcontext context state line
	local -a globals names specs keg_root
	local -A opt_args
	globals=(
@GLOBALS@
	)
	names=(
@NAMES@
	)
	_arguments -C $globals '(-)'{-v,--version}'[print the version of keg]' '(-)'{-h,--help}'[list the commands]' \
		'1: :->command' '*:: :->argument'
	[[ -n $opt_args[--root] ]] && keg_root=(--root ${(Q)opt_args[--root]/#\~/$HOME})
	case $state in
	command)
		_describe -t commands command names
		return ;;
	argument) ;;
	*) return ;;
	esac
	specs=()
	if [[ $words[1]-$words[2] == (@NESTED@) && $CURRENT -gt 2 ]]; then
		words=($words[1]-$words[2] $words[3,-1])
		(( CURRENT-- ))
	fi
	curcontext=${curcontext%:*}-$words[1]:
	case $words[1] in
@CASES@
	*) return ;;
	esac
	_arguments $globals $specs
}

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _keg keg
# As a file of $fpath, the first Tab calls what is to define the function.
[[ $funcstack[1] != _keg ]] || _keg "$@"
`
