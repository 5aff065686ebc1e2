package seccomp

// emitter writes a filter: which architecture, then a search for the call's
// number, then its arguments.
type emitter struct {
	assembler
	rules  *rules
	blocks map[block]label
}

// block is a decision's code, of which one place is enough.
type block struct {
	to   decision
	wide bool
}

func (c *compiler) emit() []Instruction {
	e := &emitter{rules: &c.rules, assembler: assembler{code: make([]Instruction, 0, 512)}}
	bad := c.rules.fixed(RetKillThread) // what libseccomp does to architectures that a profile does not have
	newer := c.newer()
	other := e.ret(RetKillThread)
	if t := c.tables[c.machine.second]; t != nil {
		list := t.spans(make([]span, 0, 128), e.rules, newer)
		weigh(list, []*calls{t})
		other = e.architecture(c.machine.compat, list, other)
	}
	list := c.tables[0].spans(make([]span, 0, 128), e.rules, newer)
	if c.machine.native == AuditX86_64 {
		list = c.x32(list, newer, bad)
	}
	weigh(list, c.tables[:c.machine.second])
	e.load(offsetArch, e.architecture(c.machine.native, list, other))
	return e.program()
}

// newer decides on calls that are newer than the profile: ENOSYS, so that
// programs do without them, where the default is to refuse. EPERM makes C
// libraries give up.
func (c *compiler) newer() decision {
	switch Action(c.filter.Default) {
	case RetAllow, RetLog, RetTrace: // a tracer knows what to do about them
		return 0
	}
	return c.rules.fixed(RetErrno | enosys)
}

// x32 adds the other half of the numbers under amd64's audit value. -1 is no
// call of either: it is what a tracer leaves of one that it has cancelled.
func (c *compiler) x32(list []span, newer, bad decision) []span {
	if t := c.tables[1]; t != nil {
		list = t.spans(list, &c.rules, newer)
	} else {
		list = appendSpan(list, span{first: x32Bit, to: bad, wide: true})
	}
	return appendSpan(list, span{first: ^uint32(0), wide: true})
}

// architecture decides on the calls of one audit value; the others go to other.
func (e *emitter) architecture(audit uint32, list []span, other label) label {
	sums := make([]uint32, len(list)+1)
	for i := range list {
		sums[i+1] = sums[i] + list[i].weight
	}
	entry := e.load(offsetNr, e.search(list, sums))
	return e.branch(opJumpEQ, audit, entry, other)
}

// search finds the span that a number is in. What is frequent is near the
// root: each comparison halves the weight that is left.
func (e *emitter) search(list []span, sums []uint32) label {
	switch n := len(list); {
	case n == 1:
		return e.decide(list[0])
	case n == 3 && list[0].to == list[2].to && list[0].wide == list[2].wide && list[2].first == list[1].first+1:
		yes := e.decide(list[1])
		return e.branch(opJumpEQ, list[1].first, yes, e.decide(list[0]))
	}
	k := middle(sums)
	below, above := sums[k]-sums[0], sums[len(list)]-sums[k]
	var yes, no label
	if below > above { // what comes last is near
		yes = e.search(list[k:], sums[k:])
		no = e.search(list[:k], sums[:k+1])
	} else {
		no = e.search(list[:k], sums[:k+1])
		yes = e.search(list[k:], sums[k:])
	}
	return e.branch(opJumpGE, list[k].first, yes, no)
}

// middle is where the weights before and after differ least.
func middle(sums []uint32) int {
	last := len(sums) - 1
	total := sums[0] + sums[last]
	k := 1
	for k < last-1 && 2*sums[k+1] <= total {
		k++
	}
	if k < last-1 && int64(2*sums[k+1])-int64(total) < int64(total)-int64(2*sums[k]) {
		k++
	}
	return k
}

// decide is the code of a span's decision.
func (e *emitter) decide(s span) label {
	if d := e.rules.decisions[s.to]; d.conjunction == 0 {
		return e.ret(d.ret)
	}
	key := block{s.to, s.wide}
	at, ok := e.blocks[key]
	if ok {
		return at
	}
	list := e.rules.questions(s.to)
	at = e.ret(e.rules.decisions[0].ret)
	for i := len(list) - 1; i >= 0; i-- {
		at = e.ask(list[i], s.wide, at)
	}
	if e.blocks == nil {
		e.blocks = make(map[block]label)
	}
	e.blocks[key] = at
	return at
}

// ask returns what a conjunction says if all of it holds; otherwise it goes
// on at no.
func (e *emitter) ask(q *conjunction, wide bool, no label) label {
	yes := e.ret(q.ret)
	for i := len(q.all) - 1; i >= 0; i-- {
		yes = e.compare(&q.all[i], wide, yes, no)
	}
	return yes
}
