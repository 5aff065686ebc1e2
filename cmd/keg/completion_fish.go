package main

import (
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func fishCompletion() string {
	var values []string
	withValue(func(patterns []string, _ offer) {
		for _, p := range patterns {
			values = append(values, fishQuote(p))
		}
	})
	var b strings.Builder
	b.WriteString(strings.NewReplacer("@VALUES@", strings.Join(values, " "), "@NESTED@", strings.Join(twoWords(), " ")).Replace(fishScript))
	for _, f := range leadingFlags() {
		writeFishFlag(&b, "__keg_at ''", f)
	}
	for _, cmd := range commands() {
		fmt.Fprintf(&b, "complete -c keg -n \"__keg_at ''\" -f -a %s -d %s\n", cmd.name, fishQuote(cmd.short))
	}
	for _, cmd := range completed() {
		for _, part := range cmd.parts {
			fmt.Fprintf(&b, "complete -c keg -n '__keg_at %s 0' -f -a %s -d %s\n", cmd.key(), part.word(), fishQuote(part.short))
		}
		writeFishCommand(&b, cmd)
	}
	return b.String()
}

func writeFishCommand(b *strings.Builder, cmd command) {
	condition := "__keg_in " + cmd.key()
	if cmd.verbatim {
		condition = "__keg_at " + cmd.key() // behind its argument, flags are somebody else's
	}
	for _, f := range cmd.flags() {
		writeFishFlag(b, condition, f)
	}
	if cmd.parts != nil {
		return // what can follow is offered with what it does
	}
	for i, a := range cmd.arguments() {
		place := fmt.Sprintf("__keg_at %s %d", cmd.key(), i)
		if a.repeated {
			place = "__keg_in " + cmd.key()
		}
		fmt.Fprintf(b, "complete -c keg -n %s%s\n", fishQuote(place), fishOffer(a.offer))
	}
}

func writeFishFlag(b *strings.Builder, condition string, f argv.Flag) {
	fmt.Fprintf(b, "complete -c keg -n \"%s\" -l %s", condition, f.Name)
	if f.Short != 0 {
		fmt.Fprintf(b, " -s %c", f.Short)
	}
	if f.Value != "" {
		fmt.Fprintf(b, " -r%s", fishOffer(flagOffer(f)))
	}
	fmt.Fprintf(b, " -d %s\n", fishQuote(f.Usage))
}

func fishOffer(o offer) string {
	switch {
	case len(o.words) > 0:
		return " -f -a " + fishQuote(strings.Join(o.words, " "))
	case len(o.ids) > 0:
		return " -f -a " + fishQuote("(__keg_ids "+strings.Join(o.ids, " ")+")")
	case o.path == directory:
		return " -f -a '(__fish_complete_directories)'"
	case o.path == anyFile:
		return " -F"
	}
	return " -f"
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

const fishScript = `# fish completion for keg; made by: keg completion fish

# The command and its arguments in front of the cursor, without flags and their values.
function __keg_words
	set -l words
	set -l skip no
	set -l tokens (commandline -opc)
	for token in $tokens[2..]
		if test $skip = yes
			set skip no
			continue
		end
		switch "$words[1]:$token"
			case @VALUES@
				set skip yes
			case '*:-*'
			case '*'
				if contains -- "$words[1]-$token" @NESTED@
					set words "$words[1]-$token"
				else
					set -a words $token
				end
		end
	end
	printf '%s\n' $words
end

# __keg_at COMMAND [NUMBER]: the next argument is that one of this command; '' is in front of any.
function __keg_at
	set -l words (__keg_words)
	set -l number 0
	set -q argv[2]; and set number $argv[2]
	test "$words[1]" = "$argv[1]"; or return 1
	test -z "$argv[1]"; or test (count $words) -eq (math $number + 1)
end

function __keg_in
	set -l words (__keg_words)
	test "$words[1]" = "$argv[1]"
end

# The value of --root, with the flag.
function __keg_root
	set -l tokens (commandline -opc)
	for i in (seq 2 (count $tokens))
		switch $tokens[$i]
			case '--root=*'
				echo $tokens[$i]
			case --root
				echo --root=$tokens[(math $i + 1)]
		end
	end
end

# The containers that have one of the statuses named.
function __keg_ids
	keg (__keg_root) list 2>/dev/null | while read -l id pid state rest
		contains -- $state $argv; and echo $id
	end
end

complete -c keg -e
complete -c keg -f
`
