// Package scale tests that the next container costs what the first did, with all
// those before it alive, and that each costs little memory.
//
// It is not for how fast that is (test/bench) nor for many at the same moment
// (test/leftovers).
package scale

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// most is by how much longer an operation may take among many containers.
const most = 1.3

// TestScale compares the first and the last fifth (tenth, of the full count).
func TestScale(t *testing.T) {
	kegtest.NeedRoot(t)
	total, part := 50, 10
	if os.Getenv("KEG_SOAK") != "" {
		total, part = 500, 50
	}
	slow := grown(t, lives(t, total), part)
	for tries := 1; tries < 4 && len(slow) > 0 && !t.Failed(); tries++ { // other load comes and goes
		t.Log("again, since", slow)
		slow = grown(t, lives(t, total), part)
	}
	if len(slow) > 0 {
		t.Errorf("%d containers make the next one slower: %v", total, slow)
	}
}

// operations are those that are timed, in order. What keg takes when it does
// nothing tells how fast the machine is at that moment.
var operations = []string{"--version", "create", "start", "state", "events", last}

// last takes the containers away: there are many in the beginning.
const last = "delete"

// lives takes a number of containers through their life: at the end of the first
// loop all are alive at once.
func lives(t *testing.T, total int) map[string][]cost {
	t.Helper()
	before := kegtest.Leftovers()
	b := kegtest.NewBundle(t, "sleep", "100000")
	b.Write()
	took := map[string][]cost{}
	idle := 0
	for i := range total {
		id := fmt.Sprintf("%s-%d", b.ID(), i)
		t.Cleanup(func() { remove(b, id) })
		for _, op := range operations[:len(operations)-1] {
			args := []string{op, id}
			switch op {
			case "--version":
				args = args[:1]
			case "events":
				args = []string{op, "--stats", id}
			case "create":
				args = []string{op, "--no-new-keyring", "--bundle", b.Dir, id}
			}
			took[op] = append(took[op], timed(t, b, args...))
			if op == "create" {
				idle += pss(t, b, id)
			}
		}
	}
	t.Logf("a created container's process has %d KiB of its own", idle/total)
	if idle/total > 200 {
		t.Error("that is more than a few pages")
	}
	for i := range total {
		took[last] = append(took[last], timed(t, b, last, "--force", fmt.Sprintf("%s-%d", b.ID(), i)))
	}
	if left, err := os.ReadDir(b.Root); err != nil || len(left) > 0 {
		t.Errorf("left in the state root: %v, %v", left, err)
	}
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	return took
}

func remove(b *kegtest.Bundle, id string) {
	if _, err := os.Stat(b.Root + "/" + id); err == nil { // the test has failed
		b.Keg("delete", "--force", id)
	}
}

// cost is what a command took of a clock's time, and of a processor's: what else
// the machine does is in the one and hardly in the other, and waiting the other
// way round.
type cost struct{ wall, cpu time.Duration }

// timed runs a command. Its output goes nowhere: a created container would hold
// a pipe open.
func timed(t *testing.T, b *kegtest.Bundle, args ...string) cost {
	t.Helper()
	cmd := exec.Command(kegtest.Keg(t), append([]string{"--root", b.Root}, args...)...)
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, b.Keg(args...).Stderr)
	}
	return cost{time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// grown are the operations that took longer among many containers: the fastest
// by the clock, beyond what an idle command did, or half of them of processor.
func grown(t *testing.T, took map[string][]cost, part int) (slow []string) {
	t.Helper()
	machine := 1.0
	for _, op := range operations {
		few, many := took[op][:part], took[op][len(took[op])-part:]
		if op == last {
			few, many = many, few
		}
		ratio := func(of func(cost) time.Duration, rank int) float64 {
			return ranked(many, of, rank).Seconds() / ranked(few, of, rank).Seconds()
		}
		fastest, wall, cpu := ratio(cost.clock, 0), ratio(cost.clock, part/2), ratio(cost.processor, part/2)
		t.Logf("%-9s %7.1f ms among few, %7.1f among many: medians %.2f, fastest %.2f, processor %.2f", op,
			1e3*ranked(few, cost.clock, part/2).Seconds(), 1e3*ranked(many, cost.clock, part/2).Seconds(), wall, fastest, cpu)
		if op == operations[0] {
			machine = max(fastest, 1)
		} else if wall > most && (fastest > most*machine || cpu > most) {
			slow = append(slow, fmt.Sprintf("%s: %.2f", op, wall))
		}
	}
	return slow
}

func (c cost) clock() time.Duration     { return c.wall }
func (c cost) processor() time.Duration { return c.cpu }

// ranked is the one that so many others are less than.
func ranked(list []cost, of func(cost) time.Duration, rank int) time.Duration {
	var figures []time.Duration
	for _, c := range list {
		figures = append(figures, of(c))
	}
	slices.Sort(figures)
	return figures[rank]
}
