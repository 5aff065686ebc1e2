package systemd

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// `keg doctor` asks the manager that keg would ask, and says what it can limit.
func TestDoctor(t *testing.T) {
	needSystemd(t)
	r := kegtest.Command(t, "", "doctor", "--json")
	var report struct {
		Findings []struct{ Subject, Name, Level, Found string }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, r.Stdout, r.Stderr)
	}
	manager, limited := "the system's manager", "of memory"
	if os.Geteuid() != 0 {
		manager, limited = "the user's manager", "by the user's systemd manager"
	}
	asked, limits := false, false
	for _, f := range report.Findings {
		asked = asked || f.Subject == "systemd" && f.Name == manager && strings.HasPrefix(f.Found, "answers in ")
		limits = limits || f.Subject == "cgroups" && f.Name == "limits" && strings.Contains(f.Found, limited)
		if f.Level == "error" {
			t.Errorf("%+v", f)
		}
	}
	if !asked || !limits {
		t.Errorf("%+v", report.Findings)
	}
}
