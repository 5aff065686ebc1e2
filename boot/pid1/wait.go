package pid1

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// wait waits for an order. A container's first process also ends with its last
// child, whatever has started that.
func (p *process) wait() order {
	if p.machine {
		return <-p.orders
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	defer signal.Stop(ended)
	for {
		left, soon := p.childrenLeft()
		if !left {
			return none
		}
		var again <-chan time.Time
		if soon { // to be reaped: no other signal will tell of it
			again = time.After(10 * time.Millisecond)
		}
		select {
		case o := <-p.orders:
			return o
		case <-ended:
		case <-again:
		}
	}
}

// childrenLeft tells whether there is something to wait for, and whether that
// may change soon.
func (p *process) childrenLeft() (left, soon bool) {
	some, ended, err := linux.Children()
	if err != nil {
		p.warn(err)
		return true, false
	}
	if some || p.services == nil {
		return some, ended
	}
	select {
	case <-p.services.gone:
		return false, false
	default:
		return true, true // between two supervisors
	}
}
