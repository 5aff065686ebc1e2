package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/program"
)

// variable is its value in the environment: of duplicates, the last counts.
func variable(env []string, name string) (value string, ok bool) {
	for _, v := range env {
		if key, is, found := strings.Cut(v, "="); found && key == name {
			value, ok = is, true
		}
	}
	return value, ok
}

// without is the environment less one variable.
func without(env []string, name string) []string {
	return slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// environment is process.env with the last of duplicate variables only.
func environment(env []string) []string {
	last := make(map[string]int, len(env))
	for i, v := range env {
		name, _, _ := strings.Cut(v, "=")
		last[name] = i
	}
	list := make([]string, 0, len(env))
	for i, v := range env {
		if name, _, _ := strings.Cut(v, "="); last[name] == i {
			list = append(list, v)
		}
	}
	return list
}

// callersEnv are the variables by which keg's caller reaches the program, in
// addition to process.env.
func (c *compiler) callersEnv() []string {
	var env []string
	if c.notify != "" {
		env = append(env, "NOTIFY_SOCKET="+c.notify)
	}
	if !c.listens() {
		return env
	}
	env = append(env, "LISTEN_FDS="+strconv.Itoa(c.in.ListenFDs))
	if c.in.ListenNames != "" {
		env = append(env, "LISTEN_FDNAMES="+c.in.ListenNames)
	}
	if c.isFirst() {
		env = append(env, "LISTEN_PID=1")
	}
	return env
}

// wholeEnv is process.env with what keg's caller adds. A variable that is found
// out as the process is made is not in it.
func (c *compiler) wholeEnv() []string {
	env := environment(slices.Concat(c.in.Spec.Process.Env, c.callersEnv()))
	if c.pid.Address() != 0 {
		env = without(env, "LISTEN_PID")
	}
	if c.home.Address() != 0 {
		env = without(env, "HOME")
	}
	return env
}

// envp is the environment. HOME and LISTEN_PID, where they were looked up, lie
// in buffers.
func (c *compiler) envp() program.Arg {
	var args []program.Arg
	for _, v := range c.wholeEnv() {
		args = append(args, c.b.Text(v))
	}
	for _, v := range []program.Arg{c.home, c.pid} {
		if v.Address() != 0 {
			args = append(args, v)
		}
	}
	return c.b.Strings("env", args)
}
