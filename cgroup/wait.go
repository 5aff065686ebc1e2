package cgroup

import "time"

// wait is a bounded wait for something without a file descriptor to poll: the
// steps grow from 100 µs, so that what is nearly done costs nearly nothing.
type wait struct {
	deadline time.Time
	step     time.Duration
}

func newWait(limit time.Duration) *wait {
	return &wait{time.Now().Add(limit), 100 * time.Microsecond}
}

// again sleeps, and tells whether there is time for another try.
func (w *wait) again() bool {
	if time.Now().After(w.deadline) {
		return false
	}
	time.Sleep(w.step)
	w.step = min(w.step*2, 50*time.Millisecond)
	return true
}
