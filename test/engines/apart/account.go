package apart

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Account is who runs an engine.
type Account struct {
	Name     string
	UID, GID int
}

// Root is the machine's.
var Root = Account{Name: "root"}

// Rootless tells whether it is an ordinary user.
func (a Account) Rootless() bool { return a.UID != 0 }

// User is the ordinary user that test/setup makes, or the virtual machine's.
func User(t testing.TB) Account {
	t.Helper()
	f, err := os.Open("/etc/passwd")
	must(t, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		field := strings.Split(lines.Text(), ":")
		if len(field) < 4 || field[0] != "kegtest" && field[0] != "tester" {
			continue
		}
		uid, _ := strconv.Atoi(field[2])
		gid, err := strconv.Atoi(field[3])
		must(t, err)
		return Account{field[0], uid, gid}
	}
	t.Fatal("no ordinary user: run test/setup")
	return Account{}
}
