// Package replay holds keg to runc's command line. How real engines call their
// runtime is written down (testdata/calls) and done again with runc and with keg,
// and so are the mistakes that a person or an engine may make: what comes back has
// the same shape.
//
// It is not for whether an engine works with keg (the packages beside it), nor for
// what a container is like (test/run).
package replay

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Call is how an engine called its runtime, without what is another each time:
// {root}, {id} and others stand for it.
type Call struct {
	Args  []string `json:"args"`
	Env   []string `json:"env,omitempty"`
	Cwd   string   `json:"cwd"`
	FDs   []string `json:"fds"`             // number and kind: "0 null"
	More  []string `json:"more,omitempty"`  // kinds of those that the engine has let through by chance
	Stdin string   `json:"stdin,omitempty"` // of a command that reads it, or the file that it reads
}

// holders are the flags with a value of the one call.
var holders = []string{"--root", "--log", "--bundle", "--pid-file", "--process", "--console-socket", "--resources"}

// withValue are the other flags whose value is a word of its own.
var withValue = []string{"--log-format", "--preserve-fds", "--format", "--interval"}

// words are the call's command and its arguments without flags.
func (c Call) words() []string {
	var words []string
	for i := 0; i < len(c.Args); i++ {
		switch arg := c.Args[i]; {
		case slices.Contains(holders, arg) || slices.Contains(withValue, arg):
			i++
		case !strings.HasPrefix(arg, "-"):
			words = append(words, arg)
		}
	}
	return words
}

// command is the call's command, or the flag that stands for one.
func (c Call) command() string {
	if words := c.words(); len(words) > 0 {
		return words[0]
	}
	return strings.Join(c.Args, " ")
}

// has tells whether a flag is given, with whatever value.
func (c Call) has(flag string) bool {
	return slices.ContainsFunc(c.Args, func(arg string) bool { return arg == flag || strings.HasPrefix(arg, flag+"=") })
}

// value is that of a flag, "" without it.
func (c Call) value(flag string) string {
	for i, arg := range c.Args {
		if arg == flag && i+1 < len(c.Args) {
			return c.Args[i+1]
		}
		if v, ok := strings.CutPrefix(arg, flag+"="); ok {
			return v
		}
	}
	return ""
}

// general is the call with {name} in place of each value of its own.
func (c Call) general() Call {
	replaced := map[string]string{}
	for _, flag := range holders {
		if v := c.value(flag); v != "" && v != "-" {
			replaced[v] = "{" + strings.TrimPrefix(flag, "--") + "}"
		}
	}
	if words := c.words(); len(words) > 1 {
		replaced[words[1]] = "{id}"
	}
	// The longest first: an id is a part of the bundle's path.
	values := slices.SortedFunc(maps.Keys(replaced), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	name := func(s string) string {
		for _, v := range values {
			s = strings.ReplaceAll(s, v, replaced[v])
		}
		if strings.HasPrefix(s, "/") && len(s) > 1 {
			return "{path}"
		}
		return s
	}
	g := Call{Cwd: name(c.Cwd), Stdin: c.Stdin}
	for _, fd := range c.FDs {
		if number, kind, _ := strings.Cut(fd, " "); len(number) == 1 && number <= "2" {
			g.FDs = append(g.FDs, fd)
		} else {
			g.More = append(g.More, kind)
		}
	}
	for _, arg := range c.Args {
		g.Args = append(g.Args, name(arg))
	}
	for _, v := range c.Env {
		if v = variable(v, name); v != "" {
			g.Env = append(g.Env, v)
		}
	}
	slices.Sort(g.Env)
	return g
}

// variable is one of the environment, "" for those that every process has.
func variable(v string, name func(string) string) string {
	key, value, _ := strings.Cut(v, "=")
	switch key {
	case "PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR", "USER", "TERM", "LC_ALL":
		return ""
	}
	value = name(value)
	if strings.ContainsAny(value, "/ ") || len(value) > 20 && !strings.HasPrefix(value, "{") {
		value = "{path}"
	}
	return key + "=" + value
}

// key is the same for calls that are the same.
func (c Call) key() string {
	c.More = nil
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings alone
	}
	return c.command() + string(text)
}

// distinct are the calls without repetitions, in an order that is always the same.
func distinct(calls []Call) []Call {
	byKey := map[string]Call{}
	for _, c := range calls {
		c.More = append(c.More, byKey[c.key()].More...)
		slices.Sort(c.More)
		c.More = slices.Compact(c.More)
		byKey[c.key()] = c
	}
	out := make([]Call, 0, len(byKey))
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, byKey[k])
	}
	return out
}
