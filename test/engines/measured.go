package engines

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Measured is how long an engine took with each runtime. It is shown, and never
// held against what is written down: machines differ, and are busy.
type Measured struct {
	Title string    `json:"title"` // of the engine
	Rows  []Measure `json:"rows"`
}

// Measure is in seconds.
type Measure struct {
	What string  `json:"what"`
	Runc float64 `json:"runc"`
	Crun float64 `json:"crun"`
	Keg  float64 `json:"keg"`
}

// Keep shows the table, and writes the values down for docs/engines.md if the
// tests are told to.
func (m Measured) Keep(t testing.TB, engine string) {
	t.Helper()
	t.Logf("%s", m)
	if *update {
		writeJSON(t, measuredPath(engine), m)
	}
}

func measuredPath(engine string) string {
	return filepath.Join(root(), "test/engines/testdata/measured", engine+".json")
}

func loadMeasured(engine string) (Measured, error) {
	var m Measured
	data, err := os.ReadFile(measuredPath(engine))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	return m, err
}

// String is the table, with each runtime's part of runc's time.
func (m Measured) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s:\n\n| what | runc | crun | keg |\n|---|---|---|---|\n", m.Title)
	for _, r := range m.Rows {
		cell := func(seconds float64) string { return fmt.Sprintf("%.2f s, %.2f", seconds, seconds/r.Runc) }
		fmt.Fprintf(&s, "| %s | %s | %s | %s |\n", r.What, cell(r.Runc), cell(r.Crun), cell(r.Keg))
	}
	return s.String()
}
