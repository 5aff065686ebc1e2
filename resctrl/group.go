package resctrl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Config is what a container asks for. runtime-spec config-linux.md#intelrdt
type Config struct {
	ID       string   // the container's
	Class    string   // name of the group; "/" is the root's, "" the container's own, which has its id
	Schemata []string // lines, in the order in which they are written
	Monitor  bool     // a monitoring group of the container's own
}

// Group is a container's place.
type Group struct {
	Dir     string // "" for none
	Monitor string // directory of its monitoring group; "" for none
	Own     bool   // the group is the container's own, and goes with it
}

// Plan says where the container belongs, and changes nothing: what has to be
// removed some day must be recorded before it is made.
func Plan(root string, c Config) (Group, error) {
	g := Group{Dir: filepath.Join(root, c.Class)}
	if c.Class == "" {
		g = Group{Dir: filepath.Join(root, c.ID), Own: true}
	}
	if c.Monitor {
		g.Monitor = filepath.Join(g.Dir, "mon_groups", c.ID)
	}
	_, err := os.Stat(g.Dir)
	switch {
	case err == nil && g.Own:
		return Group{}, fmt.Errorf("%s: %w (hint: closID joins a group that is there)", g.Dir, syscall.EEXIST)
	case errors.Is(err, os.ErrNotExist) && !g.Own && len(c.Schemata) == 0:
		return Group{}, fmt.Errorf("closID: %w (hint: a schema makes keg make the group)", err)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return Group{}, err
	}
	if _, err := os.Stat(g.Monitor); g.Monitor != "" && err == nil {
		return Group{}, fmt.Errorf("enableMonitoring: %s: %w", g.Monitor, syscall.EEXIST)
	}
	return g, nil
}

// Make makes what is missing of the group. One that is there already must have
// the schemata that are asked for. After an error nothing is left.
func (g Group) Make(root string, schemata []string) error {
	err := os.Mkdir(g.Dir, 0o755)
	if errors.Is(err, os.ErrExist) && !g.Own {
		if err := g.compare(schemata); err != nil {
			return err
		}
		return g.monitor()
	}
	if err != nil {
		return hinted(err)
	}
	if err = g.write(root, schemata); err == nil {
		err = g.monitor()
	}
	if err != nil {
		return errors.Join(err, os.Remove(g.Dir))
	}
	return nil
}

// monitor makes the container's own monitoring group.
func (g Group) monitor() error {
	if g.Monitor == "" {
		return nil
	}
	if err := os.Mkdir(g.Monitor, 0o755); err != nil {
		return fmt.Errorf("enableMonitoring: %w", hinted(err))
	}
	return nil
}

func hinted(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w (hint: the processor has no more groups of this kind: see num_closids and num_rmids below info)", err)
	}
	return err
}

// write writes line by line: the kernel says of each what is wrong with it.
func (g Group) write(root string, schemata []string) error {
	for _, line := range schemata {
		if err := put(filepath.Join(g.Dir, "schemata"), line+"\n"); err != nil {
			return fmt.Errorf("schema %q: %w%s", line, err, lastStatus(root))
		}
	}
	return nil
}

// lastStatus is what the kernel has to say about the last write.
func lastStatus(root string) string {
	text, err := os.ReadFile(filepath.Join(root, "info/last_cmd_status"))
	if status := strings.TrimSpace(string(text)); err == nil && status != "" && status != "ok" {
		return " (the kernel says: " + status + ")"
	}
	return ""
}

// Join puts a process into the group. Its children are born there.
func (g Group) Join(pid int) error {
	for _, dir := range []string{g.Dir, g.Monitor} { // a monitoring group takes only processes of the group above it
		if dir == "" {
			continue
		}
		if err := put(filepath.Join(dir, "tasks"), strconv.Itoa(pid)); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes what is the container's own. What is gone is fine.
func (g Group) Remove() error {
	var errs []error
	dirs := []string{g.Monitor}
	if g.Own {
		dirs = append(dirs, g.Dir)
	}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		if err := syscall.Rmdir(dir); err != nil && err != syscall.ENOENT {
			errs = append(errs, &os.PathError{Op: "rmdir", Path: dir, Err: err})
		}
	}
	return errors.Join(errs...)
}

// put writes to a file that is there, in one call.
func put(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
