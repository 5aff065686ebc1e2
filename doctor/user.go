package doctor

import (
	"strconv"
	"strings"
)

// userName finds a user's name in the text of /etc/passwd.
func userName(uid int, passwd string) string {
	for line := range strings.Lines(passwd) {
		f := strings.Split(line, ":")
		if len(f) > 2 && f[2] == strconv.Itoa(uid) {
			return f[0]
		}
	}
	return ""
}

// account names the user in a command.
func (m *machine) account() string {
	if m.user != "" {
		return m.user
	}
	return strconv.Itoa(m.uid)
}
