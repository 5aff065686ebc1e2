package main

import (
	"encoding/json"
	"os"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/doctor"
)

// Exit statuses of `keg doctor`. Its own failures have one that no finding has.
const (
	doctorFine     = 0
	doctorErrors   = 1
	doctorWarnings = 2
	doctorFailed   = 255
)

func doctorCommand() command {
	return command{
		name: "doctor", max: 0, failure: doctorFailed,
		short: "examine this machine: what keg can do here, and how to mend what it cannot",
		long: "The checks are tried, not looked up, wherever that leaves nothing behind, with the\n" +
			"rights of who asks: an ordinary user and root get different answers.\n\n" +
			"The exit status is that of the worst finding:\n" +
			"  0    nothing is wrong; there may be notes\n" +
			"  1    an error: something of keg does not work here\n" +
			"  2    a warning, and no error: something works only in part, or at a price\n" +
			"  255  keg has failed itself, as for a flag that it does not know\n\n" +
			"With --json: an object with the members keg (the path of its file), version, level\n" +
			"(the worst) and findings, an array of objects with subject, name, level (ok, note,\n" +
			"warning, error), found and, where there is something to say, means (what of keg\n" +
			"needs it) and mend (what to do). Subject and name together stay the same.",
		setup: setupDoctor,
	}
}

func setupDoctor(s *argv.Set) action {
	var asJSON, verbose bool
	s.Bool(&asJSON, "json", 0, "print all findings as JSON")
	s.Bool(&verbose, "verbose", 'v', "print every check, and what of keg needs it")
	return func(c *call, _ argv.Args) (int, error) { return c.doctor(asJSON, verbose) }
}

func (c *call) doctor(asJSON, verbose bool) (int, error) {
	root := likelyRoot()
	if c.global.root != "" {
		var err error
		if root, err = c.global.stateRoot(); err != nil {
			return doctorFailed, err
		}
	}
	exe, err := os.Executable()
	if err != nil {
		exe = c.program
	}
	findings := doctor.Examine(doctor.Options{Keg: exe, StateRoot: root})
	status := doctorStatus(doctor.Worst(findings))
	if asJSON {
		return status, c.doctorJSON(exe, findings)
	}
	text := examination{findings: findings, verbose: verbose, color: wantsColor(c.stdout)}
	return status, c.print([]byte(text.String()))
}

func doctorStatus(worst doctor.Level) int {
	switch worst {
	case doctor.Error:
		return doctorErrors
	case doctor.Warning:
		return doctorWarnings
	}
	return doctorFine
}

func (c *call) doctorJSON(exe string, findings []doctor.Finding) error {
	number, _ := buildVersion()
	data, err := json.MarshalIndent(struct {
		Keg      string           `json:"keg"`
		Version  string           `json:"version"`
		Level    doctor.Level     `json:"level"`
		Findings []doctor.Finding `json:"findings"`
	}{exe, number, doctor.Worst(findings), findings}, "", "  ")
	if err != nil {
		return err
	}
	return c.print(append(data, '\n'))
}
