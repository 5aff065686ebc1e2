package argv

import (
	"errors"
	"fmt"
	"strings"
)

// ErrHelp is returned for --help, -help and -h where the set has no such flag.
var ErrHelp = errors.New("help requested")

// Args is what is left of a command line when its flags are taken out.
type Args struct {
	Plain []string // arguments in front of --
	Rest  []string // everything behind --, untouched
	Dash  bool     // there was a --
}

// All returns the arguments on both sides of --.
func (a Args) All() []string {
	if len(a.Rest) == 0 {
		return a.Plain
	}
	return append(a.Plain[:len(a.Plain):len(a.Plain)], a.Rest...)
}

// Parse takes the flags out of args, wherever they are.
func (s *Set) Parse(args []string) (Args, error) {
	var out Args
	for len(args) > 0 {
		n, err := s.one(args)
		switch {
		case err != nil:
			return out, err
		case n > 0:
			args = args[n:]
		case args[0] == "--":
			out.Rest, out.Dash = args[1:], true
			return out, nil
		default:
			out.Plain, args = append(out.Plain, args[0]), args[1:]
		}
	}
	return out, nil
}

// ParseLeading takes the flags in front of the first argument, and returns
// what follows: a command and all that is its own.
func (s *Set) ParseLeading(args []string) ([]string, error) {
	for len(args) > 0 {
		n, err := s.one(args)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if args[0] == "--" {
				args = args[1:]
			}
			break
		}
		args = args[n:]
	}
	return args, nil
}

// ParseFirst takes the flags in front of the first argument: what follows that
// is another program's command line, with or without a -- in front of it.
func (s *Set) ParseFirst(args []string) (Args, error) {
	rest, err := s.ParseLeading(args)
	if err != nil || len(rest) < 2 {
		return Args{Plain: rest}, err
	}
	first, rest := rest[:1], rest[1:]
	dash := rest[0] == "--"
	if dash {
		rest = rest[1:]
	}
	return Args{Plain: first, Rest: rest, Dash: dash}, nil
}

// one reads the flag that args begin with, and returns how many of args it
// took: 0 when they do not begin with a flag.
func (s *Set) one(args []string) (int, error) {
	word := args[0]
	if len(word) < 2 || word[0] != '-' || word == "--" {
		return 0, nil
	}
	name, value, given := strings.Cut(word[1:], "=")
	if name != "" && name[0] == '-' {
		return s.apply(s.long(name[1:]), word, "-"+name, value, given, args[1:])
	}
	if len(name) > 1 {
		if s.switches(name) {
			return s.cluster(name, word, value, given, args[1:])
		}
		// Engines write -no-subreaper: Go's own flag package, which runc's
		// command line is built on, does not care for the number of dashes.
		if f := s.long(name); f != nil {
			return s.apply(f, word, "-"+name, value, given, args[1:])
		}
		if f := s.short(name[0]); f != nil && f.Value != "" { // -b/bundle
			return 1, f.accept("-"+name[:1], word[2:])
		}
	}
	return s.cluster(name, word, value, given, args[1:])
}

// switches tells whether every letter of name is a short flag, and all but
// the last one take no value.
func (s *Set) switches(name string) bool {
	for i := range len(name) {
		f := s.short(name[i])
		if f == nil || f.Value != "" && i < len(name)-1 {
			return false
		}
	}
	return true
}

// cluster reads short flags behind one dash; the value belongs to the last.
func (s *Set) cluster(name, word, value string, given bool, next []string) (int, error) {
	if !s.switches(name) || name == "" {
		return s.apply(s.shortNamed(name), word, "-"+name, value, given, next)
	}
	last := len(name) - 1
	for i := range last {
		if err := s.short(name[i]).accept("-"+name[i:i+1], "true"); err != nil {
			return 0, err
		}
	}
	return s.apply(s.short(name[last]), word, "-"+name[last:], value, given, next)
}

func (s *Set) shortNamed(name string) *Flag {
	if len(name) != 1 {
		return nil
	}
	return s.short(name[0])
}

// apply hands a flag its value: the one given behind "=", else "true" for a
// switch and the next word for all others.
func (s *Set) apply(f *Flag, word, spelled, value string, given bool, next []string) (int, error) {
	switch {
	case f == nil && (word == "-h" || word == "-help" || word == "--help"):
		return 0, ErrHelp
	case f == nil:
		return 0, fmt.Errorf("unknown flag %s", spelled)
	case given:
		return 1, f.accept(spelled, value)
	case f.Value == "":
		return 1, f.accept(spelled, "true")
	case len(next) == 0:
		// Podman and CRI-O find these words when they ask whether a flag is known.
		return 0, fmt.Errorf("flag needs an argument: %s %s", spelled, f.Value)
	}
	return 2, f.accept(spelled, next[0])
}

func (f *Flag) accept(spelled, value string) error {
	if err := f.set(value); err != nil {
		return fmt.Errorf("%s: %w", spelled, err)
	}
	return nil
}
