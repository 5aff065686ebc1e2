package seccomp

// A decision is an index into rules.decisions: what a filter returns for a
// call, or what it has to look at first.
type decision = uint16

// rules holds every decision once, so that calls which are decided alike can
// share a place in the filter.
type rules struct {
	decisions    []decided
	conjunctions []conjunction
	chained      map[uint32]decision
}

// decided is a return value or, where conjunction is not 0, one more question
// after those of an earlier decision.
type decided struct {
	ret         uint32
	before      decision
	conjunction uint16 // index+1
}

type conjunction struct {
	all []condition
	ret uint32
}

// fixed is the decision that always returns ret.
func (r *rules) fixed(ret uint32) decision {
	for i := range r.decisions {
		if d := &r.decisions[i]; d.conjunction == 0 && d.ret == ret {
			return decision(i)
		}
	}
	return r.add(decided{ret: ret})
}

func (r *rules) add(d decided) decision {
	r.decisions = append(r.decisions, d)
	return decision(len(r.decisions) - 1)
}

// overflow reports that there are more than an index can tell apart: what was
// added last has taken the place of something else.
func (r *rules) overflow() bool { return max(len(r.decisions), len(r.conjunctions)) >= 1<<16-few }

// few is how many decisions are added when the rules are all there.
const few = 8

func (r *rules) isFixed(d decision) bool { return r.decisions[d].conjunction == 0 }

// isOpen reports whether a later rule may still say something: none was
// unconditional so far.
func (r *rules) isOpen(d decision) bool { return d == 0 || !r.isFixed(d) }

func (r *rules) conjunction(all []condition, ret uint32) uint16 {
	r.conjunctions = append(r.conjunctions, conjunction{append([]condition(nil), all...), ret})
	return uint16(len(r.conjunctions))
}

// append is the decision that asks what d asks, and then one more conjunction.
func (r *rules) append(d decision, conjunction uint16) decision {
	key := uint32(d)<<16 | uint32(conjunction)
	if id, ok := r.chained[key]; ok {
		return id
	}
	if r.chained == nil {
		r.chained = make(map[uint32]decision)
	}
	id := r.add(decided{before: d, conjunction: conjunction})
	r.chained[key] = id
	return id
}

// questions lists a decision's conjunctions in the profile's order.
func (r *rules) questions(d decision) []*conjunction {
	n := 0
	for at := d; r.decisions[at].conjunction != 0; at = r.decisions[at].before {
		n++
	}
	list := make([]*conjunction, n)
	for at := d; n > 0; at = r.decisions[at].before {
		n--
		list[n] = &r.conjunctions[r.decisions[at].conjunction-1]
	}
	return list
}
