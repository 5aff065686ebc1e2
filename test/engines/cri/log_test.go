package cri

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var logs = []scenario{
	{Name: "container logs: time, stream, whole and partial lines", Run: logFormat},
	{Name: "container logs are rotated", Run: logRotated},
}

func (c *container) log() (string, error) {
	text, err := os.ReadFile(filepath.Join(c.pod.config.LogDirectory, c.config.LogPath))
	return string(text), err
}

// logs compares a container's log, but for the times, whose form is checked. The
// two streams come by two pipes, and their order is no promise.
func (c *container) logs(t testing.TB, want ...string) {
	t.Helper()
	slices.Sort(want)
	eventually(t, "the log", func() (any, bool) {
		text, err := c.log()
		must(t, err)
		var got []string
		for line := range strings.Lines(text) {
			when, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if _, err := time.Parse(time.RFC3339Nano, when); err != nil {
				return line, false
			}
			got = append(got, rest)
		}
		slices.Sort(got)
		return text, slices.Equal(got, want)
	})
}

func logFormat(t testing.TB, n *node) {
	c := n.pod(t).run(t, script("echo out; echo err >&2; echo; head -c 20000 /dev/zero | tr '\\0' x; echo; printf unfinished"))
	if s := c.ended(t); s.ExitCode != 0 || s.LogPath != filepath.Join(c.pod.config.LogDirectory, c.config.LogPath) {
		t.Errorf("%v", s)
	}
	long := strings.Repeat("x", 16<<10)
	c.logs(t, "stdout F out", "stderr F err", "stdout F ", "stdout P "+long, "stdout F "+long[:20000-16<<10], "stdout P unfinished")
}

func logRotated(t testing.TB, n *node) {
	c := n.pod(t).run(t, script("i=0; while :; do echo line $i; i=$((i+1)); sleep 0.02; done"))
	written := func(what string) string {
		var text string
		eventually(t, what, func() (any, bool) {
			var err error
			text, err = c.log()
			return err, strings.Count(text, "\n") > 2
		})
		return text
	}
	written("a log")
	path := filepath.Join(c.pod.config.LogDirectory, c.config.LogPath)
	must(t, os.Rename(path, path+".old"))
	_, err := n.ReopenContainerLog(bg, &cri.ReopenContainerLogRequest{ContainerId: c.id})
	must(t, err)
	fresh := written("a new log")
	old, err := os.ReadFile(path + ".old")
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(old)), "\n")
	_, last, _ := strings.Cut(lines[len(lines)-1], "line ")
	_, first, _ := strings.Cut(strings.SplitN(fresh, "\n", 2)[0], "line ")
	if next := number(t, last) + 1; number(t, first) != next {
		t.Errorf("the old log ends with %s, the new one begins with %s", last, first)
	}
}
