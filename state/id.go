package state

import (
	"strconv"
	"strings"
)

// maxID is NAME_MAX: an id names a directory and a cgroup.
const maxID = 255

// ValidID refuses ids that are not [A-Za-z0-9_+-][A-Za-z0-9_+.-]* of at most
// 255 bytes. The first character keeps "." and ".." out, and hidden files.
func ValidID(id string) error {
	why := ""
	switch {
	case id == "":
		why = "it is empty"
	case len(id) > maxID:
		why = "it is longer than 255 bytes"
	case id[0] == '.':
		why = "it begins with a dot"
	default:
		i := strings.IndexFunc(id, func(r rune) bool { return !idRune(r) })
		if i < 0 {
			return nil
		}
		why = "letters, digits and _ + . - are allowed"
	}
	shown := strconv.Quote(id)
	if len(id) > maxID {
		shown = strconv.Quote(id[:32]) + "..."
	}
	return &idError{ErrInvalidID.Error() + " " + shown + ": " + why, ErrInvalidID}
}

func idRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		r == '_' || r == '+' || r == '.' || r == '-'
}
