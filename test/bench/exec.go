package main

import (
	"fmt"
	"path/filepath"
)

// resident is the container that a contender's exec goes into: one for all
// rounds, as a probe meets it.
func (c *contender) resident() string { return c.id + "-resident" }

// settle starts the residents.
func (b *bench) settle() {
	for _, c := range b.all {
		if c.floor || !b.wants[joining] || c.failed[joining] != nil {
			continue
		}
		config := filepath.Join(b.ground.dir, "resident")
		if _, err := b.launch.run(c.command("run", "--detach", "--bundle", config, c.resident())...); err != nil {
			c.failed[joining] = fmt.Errorf("run --detach: %w", err)
		}
	}
}

// leave removes the residents.
func (b *bench) leave() {
	for _, c := range b.all {
		if c.floor || !b.wants[joining] {
			continue
		}
		if _, err := b.launch.run(c.command("delete", "--force", c.resident())...); err != nil && c.failed[joining] == nil {
			c.failed[joining] = fmt.Errorf("delete --force: %w", err)
		}
	}
	reap()
}

func (b *bench) exec(c *contender, r result) error {
	took, err := b.launch.run(c.command("exec", c.resident(), "/bin/true")...)
	if err != nil {
		return fmt.Errorf("exec: %w", err)
	}
	r.add(joining, c.name, milliseconds(took))
	reap()
	return nil
}
