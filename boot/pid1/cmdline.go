package pid1

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// cmdline are the words of the kernel's command line.
type cmdline []string

func readCmdline() cmdline {
	text, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return nil
	}
	return parseCmdline(string(text))
}

// parseCmdline splits as the kernel does: quotes keep words together, and what
// follows -- is for the first process alone. next_arg in lib/cmdline.c
func parseCmdline(text string) cmdline {
	var words cmdline
	var word strings.Builder
	quoted, any := false, false
	end := func() {
		if any {
			words = append(words, word.String())
		}
		word.Reset()
		any = false
	}
	for _, b := range []byte(text) {
		switch {
		case b == '"':
			quoted, any = !quoted, true
		case !quoted && strings.IndexByte(" \t\r\n", b) >= 0:
			end()
		default:
			word.WriteByte(b)
			any = true
		}
	}
	end()
	for i, w := range words {
		if w == "--" {
			return words[:i]
		}
	}
	return words
}

// value is the last one that a parameter was given.
func (c cmdline) value(name string) (string, bool) {
	found, ok := "", false
	for _, word := range c {
		key, value, _ := strings.Cut(word, "=")
		if key == name {
			found, ok = value, true
		}
	}
	return found, ok
}

// seconds is a parameter that is a number of seconds, or otherwise if there is
// none that can be read.
func (c cmdline) seconds(name string, otherwise time.Duration) time.Duration {
	text, ok := c.value(name)
	n, err := strconv.ParseUint(text, 10, 16)
	if !ok || err != nil {
		return otherwise
	}
	return time.Duration(n) * time.Second
}
