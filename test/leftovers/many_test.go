package leftovers

import (
	"os"
	"sync"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// TestMany makes and deletes containers eight at a time, under one state root.
func TestMany(t *testing.T) {
	total := 20
	if os.Getenv("KEG_SOAK") != "" {
		total = 200
	}
	before := kegtest.Leftovers()
	b := bundle(t, staged)
	ids := make(chan string)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for id := range ids {
				life(t, b, id)
			}
		})
	}
	for i := range total {
		ids <- b.ID() + "-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
	}
	close(ids)
	workers.Wait()
	if left, err := os.ReadDir(b.Root); err != nil || len(left) > 0 {
		t.Errorf("left in the state root: %v, %v", left, err)
	}
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// life of a container: one in three is deleted before it is started.
func life(t *testing.T, b *kegtest.Bundle, id string) {
	commands := [][]string{{"create", "--no-new-keyring", "--bundle", b.Dir, id}, {"start", id}, {"state", id}, {"delete", "-f", id}}
	if id[len(id)-1]%3 == 0 {
		commands = [][]string{commands[0], commands[2], {"delete", id}}
	}
	for _, args := range commands {
		if r := b.Keg(args...); r.Code != 0 {
			t.Errorf("%v: %s", args, r.Stderr)
		}
	}
}
