package doctor

// Level is how bad a finding is.
type Level int

const (
	OK      Level = iota
	Note          // worth knowing; nothing is wrong
	Warning       // keg works, but something of it only in part, or at a price
	Error         // something of keg does not work here
)

func (l Level) String() string {
	return [...]string{"ok", "note", "warning", "error"}[l]
}

// MarshalText is the level's name in JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Finding is what one check has found. Subject and Name together are a name that
// stays the same from one version of keg to the next.
type Finding struct {
	Subject string `json:"subject"`
	Name    string `json:"name"`
	Level   Level  `json:"level"`
	Found   string `json:"found"`
	Means   string `json:"means,omitempty"` // what of keg needs it
	Mend    string `json:"mend,omitempty"`  // what to do: commands, or a file and what it has to contain
	Detail  bool   `json:"-"`               // of little interest as long as nothing is wrong
}

// Worst is the level of the worst finding.
func Worst(list []Finding) Level {
	worst := OK
	for _, f := range list {
		worst = max(worst, f.Level)
	}
	return worst
}

// ok is a finding that needs nothing.
func ok(subject, name, found, means string) Finding {
	return Finding{Subject: subject, Name: name, Found: found, Means: means}
}

// detail is one of many like it.
func (f Finding) detail() Finding {
	f.Detail = true
	return f
}

// bad makes a finding worse, with what to do about it.
func (f Finding) bad(level Level, found, mend string) Finding {
	f.Level, f.Found, f.Mend = level, found, mend
	return f
}
