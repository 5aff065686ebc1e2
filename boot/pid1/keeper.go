package pid1

import (
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/keg-project/keg/boot/reap"
)

// keeper starts the services' supervisor again when it crashes: its containers
// run on meanwhile, and it finds them again.
type keeper struct {
	mu     sync.Mutex
	child  *reap.Child
	ending bool
	stop   chan struct{} // closed when it is to end
	gone   chan struct{} // closed when it will not be started again
	tried  chan struct{} // closed when each service runs, or has failed once
	once   sync.Once     // of that
}

// Between a crash and the next start, more from time to time.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 30 * time.Second
	steady     = time.Minute // after which a crash is the first again
)

func (p *process) keepServices() {
	if p.services != nil {
		return
	}
	k := &keeper{stop: make(chan struct{}), gone: make(chan struct{}), tried: make(chan struct{})}
	p.services = k
	p.say("services")
	p.spawn("services", func() error {
		defer close(k.gone)
		p.keep(k)
		return nil
	})
}

func (p *process) keep(k *keeper) {
	pause := firstPause
	for {
		began := time.Now()
		c, err := k.start(p)
		if c != nil {
			err = failure(c.Wait())
		}
		if k.done() || err == nil || c != nil && c.Status().ExitStatus() == EndedAsTold {
			return
		}
		if time.Since(began) > steady {
			pause = firstPause
		}
		p.say("services: the supervisor ended, %v; once more in %v", err, pause)
		select {
		case <-time.After(pause):
		case <-k.stop:
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// start starts the supervisor, unless it is to be no more: then there is no child.
func (k *keeper) start(p *process) (*reap.Child, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ending {
		return nil, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	c, err := p.startWith(append(environment(os.Environ()), DetachedVariable+"="+DetachedFile), w, self, "keg", "boot", "services")
	if err != nil {
		r.Close()
		return nil, err
	}
	k.child = c
	p.spawn("services", func() error {
		defer r.Close()
		if n, _ := r.Read(make([]byte, 1)); n == 1 { // else it has ended
			p.say("services: tried")
			k.once.Do(func() { close(k.tried) })
		}
		return nil
	})
	return c, nil
}

// servicesTried waits until the services have been tried, as what follows them in
// init.d may need them, but not for ever.
func (p *process) servicesTried() order {
	select {
	case <-p.services.tried:
	case <-p.services.gone:
	case <-time.After(steady):
		p.say("services: not tried after %v", steady)
	case o := <-p.orders:
		return o
	}
	return none
}

func (k *keeper) done() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ending
}

// end has the supervisor end the services and then itself, once. It reports
// whether it has done so in time.
func (k *keeper) end(limit time.Duration) bool {
	k.mu.Lock()
	k.ending = true
	close(k.stop)
	if k.child != nil {
		_ = k.child.Signal(syscall.SIGTERM) // ErrProcessDone: so much the better
	}
	k.mu.Unlock()
	select {
	case <-k.gone:
		return true
	case <-time.After(limit):
		return false
	}
}
