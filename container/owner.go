package container

import (
	"bytes"
	"os"
	"strconv"
)

// ownerName is the user's name in this machine's passwd file; "" for a user
// without one, as runc has it.
func ownerName(uid int) string {
	if uid == 0 {
		return "root"
	}
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return ""
	}
	return passwdName(text, strconv.Itoa(uid))
}

// passwdName finds the first entry of the uid. passwd(5)
func passwdName(text []byte, uid string) string {
	for line := range bytes.Lines(text) {
		fields := bytes.SplitN(line, []byte{':'}, 4)
		if len(fields) == 4 && string(fields[2]) == uid {
			return string(fields[0])
		}
	}
	return ""
}
