package podman

import (
	"os"
	"testing"
)

// last ends with an empty storage.
func last() []scenario {
	return []scenario{{Name: "system reset leaves nothing", Run: reset}}
}

func reset(t testing.TB, p *podman) {
	p.ok(t, "run", "--detach", "--name", "left", "--stop-timeout", "0", image, "sleep", "1000")
	p.ok(t, "pod", "create", "--name", "leftover")
	within(t, "it is all removed", func() bool { // but for what the container's monitor writes at the same time
		return p.do(t, "system", "reset", "--force").Code == 0
	})
	if containers, _ := os.ReadDir(p.StateRoot()); len(containers) > 0 {
		t.Errorf("the runtime's state has %s still", containers[0].Name())
	}
	if images, _ := os.ReadDir(p.Path("storage/overlay-images")); len(images) > 0 {
		t.Errorf("the storage has %s still", images[0].Name())
	}
	equal(t, "containers", p.ok(t, "ps", "--all", "--quiet"), "")
}
