package main

import (
	"fmt"
	"strings"
)

func bashCompletion() string {
	var values, flags, arguments strings.Builder
	withValue(func(patterns []string, o offer) {
		fmt.Fprintf(&values, "\t%s) %s ;;\n", strings.Join(patterns, "|"), bashOffer(o))
	})
	fmt.Fprintf(&flags, "\t'') words='%s' ;;\n", longNames(leadingFlags()))
	fmt.Fprintf(&arguments, "\t:0) words='%s' ;;\n", strings.Join(names(commands()), " "))
	for _, cmd := range completed() {
		fmt.Fprintf(&flags, "\t%s) words='%s' ;;\n", cmd.key(), longNames(cmd.flags()))
		for i, a := range cmd.arguments() {
			place := fmt.Sprint(i)
			if a.repeated {
				place = "*"
			}
			fmt.Fprintf(&arguments, "\t%s:%s) %s ;;\n", cmd.key(), place, bashOffer(a.offer))
		}
	}
	return strings.NewReplacer("@VALUES@\n", values.String(), "@FLAGS@\n", flags.String(),
		"@ARGUMENTS@\n", arguments.String(), "@VERBATIM@", verbatimPlaces(),
		"@NESTED@", strings.Join(twoWords(), "|")).Replace(bashScript)
}

func bashOffer(o offer) string {
	switch {
	case len(o.words) > 0:
		return "words='" + strings.Join(o.words, " ") + "'"
	case len(o.ids) > 0:
		return "words=$(_keg_ids " + strings.Join(o.ids, " ") + ")"
	case o.path == directory:
		return "path=dirnames"
	case o.path == anyFile:
		return "path=default"
	}
	return ":"
}

// verbatimPlaces are the commands behind whose first argument another
// program's command line begins, with that argument's number.
func verbatimPlaces() string {
	var places []string
	for _, cmd := range allCommands() {
		if cmd.verbatim {
			places = append(places, cmd.key()+":1")
		}
	}
	return strings.Join(places, "|")
}

// bashScript needs nothing of the package bash-completion. bash takes "=" and
// ":" for words of their own: --flag=value is three of them.
const bashScript = `# bash completion for keg; made by: keg completion bash

# _keg_ids prints the containers that have one of the statuses named.
_keg_ids() {
	local id status
	"${COMP_WORDS[0]}" "${root[@]}" list 2>/dev/null | while read -r id _ status _; do
		case " $* " in *" $status "*) echo "$id" ;; esac
	done
}

# _keg_value sets what can be the value of COMMAND:FLAG, and fails if it has none.
_keg_value() {
	case $1 in
@VALUES@
	*) return 1 ;;
	esac
}

_keg_flags() {
	case $1 in
@FLAGS@
	esac
}

# _keg_argument sets what can be argument COMMAND:NUMBER.
_keg_argument() {
	case $1 in
@ARGUMENTS@
	esac
}

_keg() {
	local cur=${COMP_WORDS[COMP_CWORD]} cmd='' flag='' root=() words='' path='' n=0 i word
	local IFS=$' \t\n'
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == [=:]* ]]; then
			flag=${flag:-$word}
		elif [[ -n $flag ]]; then
			[[ $flag == --root ]] && root=(--root "${word/#\~/$HOME}")
			flag=
		elif [[ $word == -- ]]; then
			cmd=-- n=1
		elif [[ $word == -* ]]; then
			_keg_value "$cmd:$word" && flag=$word
		else
			case $cmd-$word in
			-*) cmd=$word ;;
			@NESTED@) cmd+=-$word n=0 ;;
			*) ((n++)) ;;
			esac
		fi
		case $cmd:$n in
		--:1|@VERBATIM@) compopt -o default; return ;; # another program's words follow
		esac
	done
	words='' path=''
	[[ $cur == [=:]* ]] && cur=
	if [[ -n $flag ]]; then
		_keg_value "$cmd:$flag"
	elif [[ $cur == -* ]]; then
		_keg_flags "$cmd"
	else
		_keg_argument "$cmd:$n"
	fi
	[[ -n $path ]] && compopt -o "$path"
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _keg keg
`
