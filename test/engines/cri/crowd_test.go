package cri

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

var crowds = []scenario{
	{Name: "50 pods at once: made, ready, exec in each, removed, nothing left", Run: crowd},
}

// crowd is a node that is filled: each step is done for all pods at the same time.
func crowd(t testing.TB, n *node) {
	size := kegtest.Rounds(50, 100)
	pods, containers := make([]*pod, size), make([]*container, size)
	began := time.Now()
	lap := func(what string) {
		t.Logf("%d pods: %s after %.1f s", size, what, time.Since(began).Seconds())
	}
	all(t, size, func(i int) (err error) {
		if pods[i], err = n.runPod(n.describePod()); err != nil {
			return err
		}
		if containers[i], err = pods[i].create(pods[i].describe("sleep", "1000000")); err != nil {
			return err
		}
		return containers[i].start()
	})
	lap("running")
	all(t, size, func(i int) error {
		if containers[i] == nil {
			return nil
		}
		r, err := containers[i].probe(60, "hostname")
		if err == nil && string(r.Stdout) != pods[i].config.Hostname+"\n" {
			err = fmt.Errorf("hostname: %v", r)
		}
		return err
	})
	lap("each had an exec")
	addresses := map[string]bool{}
	for _, p := range pods {
		if p != nil {
			addresses[p.address(t)] = true
		}
	}
	if len(addresses) != size {
		t.Errorf("%d addresses", len(addresses))
	}
	all(t, size, func(i int) error {
		if pods[i] == nil {
			return nil
		}
		return pods[i].end()
	})
	lap("gone")
	eventually(t, "nothing left", func() (any, bool) {
		left, _ := filepath.Glob(n.dir + "/runtime/*/*")
		left = append(left, n.shims()...)
		return left, len(left) == 0
	})
}

// all does something for each at the same time.
func all(t testing.TB, size int, do func(i int) error) {
	t.Helper()
	problems := make([]error, size)
	var running sync.WaitGroup
	for i := range size {
		running.Go(func() { problems[i] = do(i) })
	}
	running.Wait()
	if err := errors.Join(problems...); err != nil {
		t.Error(err)
	}
}
