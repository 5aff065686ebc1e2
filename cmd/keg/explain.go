package main

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/plan"
)

func explainCommand() command {
	return command{
		name: "explain", max: 0,
		short: "print every step that making a container will take",
		long: "Nothing is carried out. The steps stand in the order in which they happen, each\n" +
			"with the field of config.json that it comes from. They depend on the machine\n" +
			"and on the user as well: root's differ from an ordinary user's.\n\n" +
			"  keg explain --bundle box       what happens, and why\n" +
			"  keg explain --bundle box -v    with every system call and where it may lead",
		setup: setupExplain,
	}
}

func setupExplain(s *argv.Set) action {
	f := new(bundleFlags)
	f.addBundle(s)
	f.addPlan(s)
	var asJSON, verbose bool
	s.Bool(&asJSON, "json", 0, "print JSON, system calls included")
	s.Bool(&verbose, "verbose", 'v', "print the system calls of each step")
	return func(c *call, _ argv.Args) (int, error) {
		o, err := f.options(c, "")
		if err != nil {
			return 1, err
		}
		p, err := container.Explain(o)
		if err != nil {
			return 1, err
		}
		return 0, c.printPlan(p, asJSON, verbose)
	}
}

func (c *call) printPlan(p *plan.Plan, asJSON, verbose bool) error {
	if !asJSON {
		var b bytes.Buffer
		if err := p.WriteText(&b, verbose); err != nil {
			return err
		}
		return c.print(b.Bytes())
	}
	data, err := planJSON(p)
	if err != nil {
		return err
	}
	return c.print(append(data, '\n'))
}

// The shape of `explain --json`.
type (
	explainedPlan struct {
		Steps    []explainedStep `json:"steps"`
		Warnings []string        `json:"warnings,omitempty"`
	}
	explainedStep struct {
		Number int             `json:"number"`
		By     string          `json:"by"`
		Field  string          `json:"field,omitempty"`
		Title  string          `json:"title"`
		Calls  []explainedCall `json:"calls,omitempty"`
	}
	explainedCall struct {
		Number string   `json:"number"` // what "go to" in Flow refers to
		Call   string   `json:"call"`
		Flow   []string `json:"flow,omitempty"`
	}
)

func planJSON(p *plan.Plan) ([]byte, error) {
	out := explainedPlan{Warnings: p.Warnings}
	for _, e := range p.Explain() {
		step := explainedStep{Number: e.Number, By: e.By, Field: e.Field, Title: e.Title}
		for i, l := range e.Calls {
			number := strconv.Itoa(e.Number) + "." + strconv.Itoa(i+1)
			step.Calls = append(step.Calls, explainedCall{number, l.Call, l.Flow})
		}
		out.Steps = append(out.Steps, step)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is read by people, too
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
