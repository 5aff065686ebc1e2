package plan

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keg-project/keg/program"
)

// Who does a step.
const (
	ByKeg   = "keg"   // on the host
	ByStage = "stage" // a process that prepares namespaces for the init, clones it and ends
	ByInit  = "init"  // the container's first process
	ByExec  = "exec"  // a process that joins the container
)

// Explained is a step as a person reads it.
type Explained struct {
	Number int
	By     string
	Field  string
	Title  string
	Calls  []program.Line // numbered from 1 within the step
}

// Explain lists the steps of both sides in the order in which they happen. The
// two work side by side once the first process is cloned; a step of the host
// stands right before the init's step that waits for it.
func (p *Plan) Explain() []Explained {
	e := explainer{plan: p, list: make([]Explained, 0, len(p.Host)+len(p.Init))}
	e.host(CloneInit)
	for i := range p.Init {
		e.host(p.Init[i].Awaits)
		e.numbers = append(e.numbers, e.next())
		e.list = append(e.list, e.init(&p.Init[i]))
	}
	e.host(PoststopHooks)
	for i := range p.Init {
		e.calls(i)
	}
	return e.list
}

type explainer struct {
	plan    *Plan
	hosted  int   // host steps that are listed
	numbers []int // of the init's steps
	list    []Explained
}

func (e *explainer) next() int { return len(e.list) + 1 }

// host lists the host's steps up to an action.
func (e *explainer) host(until Action) {
	for _, s := range e.plan.Host[e.hosted:] {
		if s.Action > until {
			return
		}
		e.list = append(e.list, Explained{Number: e.next(), By: ByKeg, Field: s.Field, Title: s.Title, Calls: e.plan.hostCalls(&s)})
		e.hosted++
	}
}

func (e *explainer) init(s *Step) Explained {
	by := ByInit
	switch {
	case s.Stage:
		by = ByStage
	case e.plan.Joins:
		by = ByExec
	}
	return Explained{Number: e.next(), By: by, Field: s.Field, Title: s.Title}
}

// calls describes the ops of the init's step i, once all steps have numbers:
// jumps lead forwards.
func (e *explainer) calls(i int) {
	s, into := &e.plan.Init[i], &e.list[e.numbers[i]-1]
	for op := s.First; op < s.End; op++ {
		into.Calls = append(into.Calls, e.plan.Program.Describe(op, e.place))
	}
}

// place is the number of an op: "7.3" is the third call of step 7.
func (e *explainer) place(op int) string {
	for i, s := range e.plan.Init {
		if op >= s.First && op < s.End {
			return callNumber(e.numbers[i], op-s.First)
		}
	}
	return "the end"
}

func callNumber(step, call int) string { return strconv.Itoa(step) + "." + strconv.Itoa(call+1) }

const (
	shortLegend = `Steps of keg happen on the host, those of init in the container's first process.
`
	execLegend = `Steps of keg happen on the host, those of exec in the process that joins the container.
`
	stageLegend = `Those of stage happen in a process that prepares namespaces, clones the init and ends.
`
	execStageLegend = `Those of stage happen in a process that enters the namespaces, clones the other and ends.
`
	longLegend = `A name without quotes is what an earlier call has stored: "= root". Unless the line below a
call says otherwise, the next one follows, and an error ends it all: there is no container.
`
	execLongLegend = `A name without quotes is what an earlier call has stored: "= pid". Unless the line below a
call says otherwise, the next one follows, and an error ends it all: there is no process.
`
)

// WriteText prints the steps, each with the config field that it comes from;
// verbose: with its system calls.
func (p *Plan) WriteText(w io.Writer, verbose bool) error {
	var s strings.Builder
	legend, stage, long := shortLegend, stageLegend, longLegend
	if p.Joins {
		legend, stage, long = execLegend, execStageLegend, execLongLegend
	}
	s.WriteString(legend)
	if p.Staged {
		s.WriteString(stage)
	}
	if verbose {
		s.WriteString(long)
	}
	s.WriteByte('\n')
	list := p.Explain()
	width := fieldWidth(list)
	for i := range list {
		list[i].write(&s, width)
		if verbose {
			list[i].writeCalls(&s)
		}
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// fieldWidth is the width of the column of config fields. The few that are
// longer push their line's title to the right.
func fieldWidth(list []Explained) int {
	const most = 32
	width := 0
	for i := range list {
		if n := utf8.RuneCountInString(list[i].Field); n <= most {
			width = max(width, n)
		}
	}
	return width
}

func (x *Explained) write(s *strings.Builder, width int) {
	number := strconv.Itoa(x.Number)
	pad(s, "", 4-len(number))
	pad(s, number, len(number)+2)
	pad(s, x.By, 7)
	pad(s, x.Field, width)
	s.WriteString("  " + x.Title + "\n")
}

// pad writes text, and spaces until it fills a column.
func pad(s *strings.Builder, text string, width int) {
	s.WriteString(text)
	for n := utf8.RuneCountInString(text); n < width; n++ {
		s.WriteByte(' ')
	}
}

func (x *Explained) writeCalls(s *strings.Builder) {
	for i, call := range x.Calls {
		s.WriteString("        ")
		pad(s, callNumber(x.Number, i), 7)
		s.WriteString(call.Call)
		s.WriteByte('\n')
		if len(call.Flow) > 0 {
			s.WriteString("                 " + strings.Join(call.Flow, "; ") + "\n")
		}
	}
	s.WriteByte('\n')
}
