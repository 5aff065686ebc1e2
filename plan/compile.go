package plan

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/keg-project/keg/program"
)

// compiler holds what the subjects of a plan share.
type compiler struct {
	in   Input
	join *Join // of a process that joins a container; nil: the init's plan
	plan *Plan
	b    *program.Builder
	errs []error

	ns     namespaces
	root   program.Slot // the root file system, O_PATH
	target program.Slot // destination of the step at hand
	parent program.Slot // directory on the way to it
	tree   program.Slot // detached mount of the step at hand
	probe  program.Slot // scratch
	proc   procFS
	hows   map[[2]uint64]program.Arg
	strays int  // the op that closes what is not of the plan
	placed bool // the init has waited for the host's steps
	stages bool // the steps at hand are the stage's

	home    program.Arg     // "HOME=…" in a buffer, where it is looked up
	pid     program.Arg     // "LISTEN_PID=…", likewise
	notify  string          // NOTIFY_SOCKET as the program gets it
	filter  *filter         // that the process gets; nil: none
	sets    *capabilitySets // that it gets; nil: not known yet
	program program.Slot    // address of the path of the program that was found
}

// Compile makes the plan. Its error names every field that keg cannot carry
// out.
func Compile(in Input) (*Plan, error) {
	c := newCompiler(in)
	if l := in.Spec.Linux; l != nil {
		const perPath = 7
		c.b.Grow(perPath * (len(l.MaskedPaths) + len(l.ReadonlyPaths)))
	}
	c.warnIgnored()
	c.plan.Scope = c.in.Scope
	c.compileLimits()
	c.checkLabels()
	c.compileFilter()
	c.descriptors()
	c.compile(initOrder)
	c.compile(processOrder)
	c.deviceRules()
	c.b.SetArg(c.strays, 0, program.N(len(c.plan.FDs)))
	c.hostSteps()
	return c.plan, errors.Join(c.errs...)
}

func newCompiler(in Input) *compiler {
	b := program.NewBuilder()
	c := &compiler{in: in, b: b, plan: &Plan{Program: b, Init: make([]Step, 0, 64)}}
	if p := in.Spec.Process; p != nil && len(p.Args) > 0 {
		c.plan.args0 = p.Args[0]
	}
	c.root, c.target, c.parent = b.NewSlot("root"), b.NewSlot("target"), b.NewSlot("parent")
	c.tree, c.probe = b.NewSlot("tree"), b.NewSlot("probe")
	c.hows = make(map[[2]uint64]program.Arg, 4)
	return c
}

// initOrder is the order in which the init makes the container, before
// processOrder. The reason stands beside each row whose place matters.
var initOrder = []func(*compiler){
	(*compiler).takeName,
	(*compiler).closeStrays,
	(*compiler).enterCgroups,    // whatever it makes and uses then counts
	(*compiler).enterNamespaces, // everything else happens in them
	(*compiler).reportEntered,
	(*compiler).session, // after the stage: only the init itself can lead one
	(*compiler).joinKeyring,
	(*compiler).hostname,
	(*compiler).loopback,
	(*compiler).openRoot,
	(*compiler).mounts, // runtime-spec config.md#mounts: in the listed order
	(*compiler).notifySocket,
	(*compiler).devices,       // after the mounts: /dev is usually one of them
	(*compiler).console,       // in the devpts that is one of the mounts
	(*compiler).waitHooks,     // after the mounts, and before the root may be read-only; one may bring the interface of a sysctl
	(*compiler).sysctls,       // before readonlyPaths cover /proc/sys
	(*compiler).readonlyPaths, // a path may be read-only and lie below a masked one: masks win
	(*compiler).maskedPaths,
	(*compiler).readonlyRoot, // after the last mountpoint was made in it
	(*compiler).openLabels,   // while the caller's /proc is in reach
	(*compiler).enterRoot,
	(*compiler).makeCwd, // with the privileges of the setup
}

// processOrder follows for every process of a container, be it the first or
// one that joins: one code path, so that a defence holds for both.
var processOrder = []func(*compiler){
	(*compiler).waitPlaced,
	(*compiler).lookUpHome,
	(*compiler).listenPid,
	(*compiler).scheduling,
	(*compiler).labels,      // before no_new_privs, which would forbid it
	(*compiler).closeProc,   // what has no use for it any more
	(*compiler).rlimits,     // late: a small one would stop the setup
	(*compiler).ownStreams,  // needs CAP_CHOWN
	(*compiler).credentials, // after everything that needs privileges
	(*compiler).enterCwd,    // as the final user
	(*compiler).findProgram, // as the final user
	(*compiler).handOver,
}

func (c *compiler) compile(order []func(*compiler)) {
	for _, subject := range order {
		subject(c)
	}
}

// fail records that a field cannot be carried out.
func (c *compiler) fail(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(field+": "+format, args...))
}

func (c *compiler) warn(field, text string) {
	c.plan.Warnings = append(c.plan.Warnings, field+": "+text)
}

// step begins a new step; the ops that follow belong to it.
func (c *compiler) step(field, title string) {
	n := len(c.b.Ops())
	c.endStep(n)
	c.plan.Init = append(c.plan.Init, Step{Field: field, Title: title, First: n, End: n, Stage: c.stages})
}

// awaits says which of the host's steps the step at hand waits for.
func (c *compiler) awaits(a Action) { c.plan.Init[len(c.plan.Init)-1].Awaits = a }

func (c *compiler) endStep(n int) {
	if k := len(c.plan.Init); k > 0 {
		c.plan.Init[k-1].End = n
	}
}

// call appends an op without further conditions.
func (c *compiler) call(call *program.Call, args ...program.Arg) {
	c.b.Add(op(call, args...))
}

// jump goes on at a label.
func (c *compiler) jump(to program.Label) {
	o := op(program.Set, program.N(0))
	o.Next = to
	c.b.Add(o)
}

// op makes an op that subjects then refine.
func op(call *program.Call, args ...program.Arg) program.Op {
	o := program.Op{Call: call}
	copy(o.Args[:], args)
	return o
}

// sortedKeys: the same configuration always gives the same plan.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// absolute joins a path of config.json that is relative to the bundle.
func absolute(bundle, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(bundle, p)
}

// below is a path of the container as openat2 takes it relative to the root.
func below(p string) string {
	p = strings.TrimPrefix(path.Clean("/"+p), "/")
	if p == "" {
		return "."
	}
	return p
}
