package doctor

import (
	"os"
	"testing"
)

// The package for Debian and Ubuntu brings the profile that doctor prescribes.
func TestPackagedProfile(t *testing.T) {
	packaged, err := os.ReadFile("../packaging/deb/apparmor")
	if err != nil {
		t.Fatal(err)
	}
	if want := appArmorProfile("/usr/bin/keg"); string(packaged) != want {
		t.Errorf("packaging/deb/apparmor is\n%s, want\n%s", packaged, want)
	}
}
