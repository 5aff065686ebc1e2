package service

import "fmt"

// waiter is a request whose answer is what becomes of the service.
type waiter struct {
	op    Op
	reply chan Answer
}

// answer is called by connections, each in a goroutine of its own.
func (s *Supervisor) answer(r Request) Answer {
	reply := make(chan Answer, 1)
	select {
	case s.events <- func() { s.request(r, reply) }:
	case <-s.finished:
	}
	select {
	case a := <-reply:
		return a
	case <-s.finished:
	}
	select { // what was answered in the end
	case a := <-reply:
		return a
	default:
		return Answer{Error: "the supervisor has ended"}
	}
}

func (s *Supervisor) request(r Request, reply chan Answer) {
	switch r.Op {
	case StatusOp:
		reply <- s.statusOf(r.Name)
		return
	case EndOp:
		s.ending = append(s.ending, reply)
		s.down = true
		s.stopNext()
		return
	}
	v := s.find(r.Name)
	switch {
	case v == nil:
		reply <- s.statusOf(r.Name)
		return
	case s.down && r.Op != StopOp:
		reply <- Answer{Error: "the services are being stopped"}
		return
	case v.broken && r.Op != StopOp:
		reply <- Answer{Error: v.note}
		return
	}
	v.waiting = append(v.waiting, waiter{r.Op, reply})
	s.happen(v, event{Kind: map[Op]kind{StartOp: start, StopOp: stop, RestartOp: restart}[r.Op]})
}

func (s *Supervisor) statusOf(name string) Answer {
	all := make([]Status, len(s.services))
	for i, v := range s.services {
		all[i] = v.status()
	}
	found, err := selected(all, name)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	return Answer{Services: found}
}

// answer tells those who wait what has become of the service, once that is
// clear.
func (v *service) answer() {
	if v.life.State.moving() || v.clearing {
		return
	}
	for _, w := range v.waiting {
		a := Answer{Services: []Status{v.status()}}
		if l := v.life; w.op != StopOp && (l.State == BackingOff || l.State == Failed) {
			a.Error = fmt.Sprintf("%s: %s: %s", v.name, l.State, l.Last)
		}
		w.reply <- a
	}
	v.waiting = nil
}
