package doctor

import "github.com/keg-project/keg/host"

const subjectLabels = "security modules"

// labelFacts are which modules label processes.
type labelFacts struct {
	active            string // as the kernel lists them; "" if it cannot be read
	appArmor, seLinux bool
	parser            error // of finding apparmor_parser
	install           installer
}

func examineLabels(m *machine) []Finding {
	f := labelFacts{active: content("/sys/kernel/security/lsm"), appArmor: host.AppArmor(), seLinux: host.SELinux(), install: m.install}
	if f.appArmor {
		_, f.parser = lookInSystem("apparmor_parser")
	}
	return f.findings()
}

func (f labelFacts) findings() []Finding {
	found := ok(subjectLabels, "active", f.active, "process.apparmorProfile and process.selinuxLabel")
	switch {
	case f.appArmor:
		found.Name, found.Found = "AppArmor", "profiles can be set"
	case f.seLinux:
		found.Name, found.Found = "SELinux", "labels can be set"
	default:
		found.Found = "neither AppArmor nor SELinux: configurations that ask for a profile or a label are refused"
	}
	if f.active != "" {
		found.Found += " (" + f.active + ")"
	}
	if f.appArmor && f.parser != nil {
		found = found.bad(Note, found.Found+", but there is no apparmor_parser: engines cannot load theirs",
			f.install.of(software{"apparmor_parser", "apparmor", "apparmor-parser", "apparmor", "apparmor", "apparmor-parser"}))
	}
	return []Finding{found}
}
