package doctor

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
)

// versionOf asks a program for its version, for as long as doctor waits.
func versionOf(path string, args ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/"
	cmd.WaitDelay = patience // for what holds the pipe after its death
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if version := firstVersion(string(bytes.ToValidUTF8(out, nil))); version != "" {
		return version
	}
	if err != nil {
		return "unknown version (" + err.Error() + ")"
	}
	return "unknown version"
}

// firstVersion is the first word that looks like one: "1.6.20~ds1",
// "v0.12.5", "20.10.24+dfsg1,".
func firstVersion(text string) string {
	for word := range strings.FieldsSeq(text) {
		plain := strings.TrimRight(strings.TrimPrefix(word, "v"), ",")
		if _, ok := parseRelease(plain); ok {
			return plain
		}
	}
	return ""
}
