package plan

import (
	"slices"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// HookList is one of config.json's lists of hooks.
type HookList struct {
	Field string // "hooks.prestart"
	Hooks []oci.Hook
	When  Action // the host's action that they are
	Place Place
}

// Place is where a hook runs.
type Place uint8

// The places: runtime-spec config.md#posix-platform-hooks.
const (
	OnHost  Place = iota // in keg's own namespaces
	InSetup              // in the container's, with the privileges and the root of the setup
	Inside               // in the container, as its process does
)

// HookLists are config.json's lists that have hooks, in the order in which they
// are called. runtime-spec runtime.md#lifecycle
func HookLists(s *oci.Spec) []HookList {
	h := s.Hooks
	if h == nil {
		return nil
	}
	lists := []HookList{
		{"hooks.prestart", h.Prestart, CreateHooks, OnHost}, //nolint:staticcheck // deprecated, but Docker's network is made in it
		{"hooks.createRuntime", h.CreateRuntime, CreateHooks, OnHost},
		{"hooks.createContainer", h.CreateContainer, CreateHooks, InSetup},
		{"hooks.startContainer", h.StartContainer, StartHooks, Inside},
		{"hooks.poststart", h.Poststart, PoststartHooks, OnHost},
		{"hooks.poststop", h.Poststop, PoststopHooks, OnHost},
	}
	return slices.DeleteFunc(lists, func(l HookList) bool { return len(l.Hooks) == 0 })
}

// HasHooks tells whether there are hooks for this action of the host.
func HasHooks(s *oci.Spec, when Action) bool {
	return slices.ContainsFunc(HookLists(s), func(l HookList) bool { return l.When == when })
}

// hostHooks are hooks as steps of the host.
func (c *compiler) hostHooks() {
	for _, l := range HookLists(c.in.Spec) {
		for i := range l.Hooks {
			c.host(HostStep{Action: l.When, Field: index(l.Field, i), Title: l.title(i)})
		}
	}
}

func (l *HookList) title(i int) string {
	what := "run " + l.Hooks[i].Path
	switch {
	case l.Place == InSetup:
		what += " in the container's namespaces, below the host's root"
	case l.Place == Inside:
		what += " in the container"
	case l.When == PoststartHooks:
		what = "once the program runs, " + what
	case l.When == PoststopHooks:
		what = "once the container is deleted, " + what
	}
	return what
}

// waitHooks stops before pivot_root until keg has run the hooks that belong
// there. The root is attached at its own path as long, as they know no other,
// and the root of the mount namespace is the host's: a hook that enters the
// namespace finds itself and the container's files at the paths of the host.
func (c *compiler) waitHooks() {
	if !HasHooks(c.in.Spec, CreateHooks) {
		return
	}
	c.waitPlaced() // hooks are told of a container that is recorded
	shows := c.in.Spec.Root != nil && c.ns.isNew(linux.CLONE_NEWNS)
	if shows {
		c.step("root.path", "show the container's root at "+c.in.Rootfs()+", for the hooks")
		if c.keepsShared() {
			c.privateParent()
		}
		c.moveRoot(c.in.Rootfs())
	}
	c.step("hooks", "tell keg to run its hooks, and wait for them")
	c.awaits(CreateHooks)
	c.report(MsgHooks)
	c.await("go")
	if shows {
		c.step("root.path", "take the root back from "+c.in.Rootfs())
		c.moveRoot("/")
	}
}

func (c *compiler) moveRoot(to string) {
	c.call(program.MoveMount, c.root.Load(), c.b.Text(""), cwd, c.b.Text(to), program.N(linux.MOVE_MOUNT_F_EMPTY))
}

// privateParent makes the mount private that the root's path lies on, or the
// root would show on the host. It is the first above the path that is a
// mount's root, which every other directory is refused for.
func (c *compiler) privateParent() {
	try, up, done := c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel()
	c.b.Add(c.openat(cwd, c.in.Rootfs(), linux.O_PATH|linux.O_DIRECTORY, c.parent))
	c.b.Mark(try)
	attr := c.b.Words("{propagation=MS_PRIVATE}", 0, 0, linux.MS_PRIVATE, 0)
	private := op(program.MountSetattr, c.parent.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), attr, program.N(32))
	private.On[0], private.Next = program.Branch{Errno: syscall.EINVAL, To: up}, done
	c.b.Add(private)
	c.b.Mark(up)
	above := op(program.Openat, c.parent.Load(), c.b.Text(".."), program.N(linux.O_PATH|linux.O_DIRECTORY|linux.O_CLOEXEC))
	above.Store = c.probe
	c.b.Add(above)
	c.close(c.parent)
	c.keep(c.probe.Load(), c.parent)
	c.jump(try)
	c.b.Mark(done)
	c.close(c.parent)
}

// waitStartHooks waits for the startContainer hooks where keg runs the
// container in one go; with create, `start` runs them before it says go.
func (c *compiler) waitStartHooks() {
	if c.join != nil || !HasHooks(c.in.Spec, StartHooks) {
		return
	}
	c.step("hooks.startContainer", "wait until keg has run the hooks")
	c.awaits(StartHooks)
	c.await("go")
}

// plainCwd enters the working directory of a hook that runs with the setup's
// privileges and root.
func (c *compiler) plainCwd() {
	cwd := c.in.Spec.Process.Cwd
	c.step("", "enter "+cwd)
	c.call(program.Chdir, c.b.Text(cwd))
}

// isHook tells whether the process that joins is a hook.
func (c *compiler) isHook() bool { return c.join != nil && c.join.Path != "" }
