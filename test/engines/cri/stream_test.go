package cri

import (
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var streams = []scenario{
	{Name: "exec with standard input (kubectl exec -i)", Run: execStreams},
	{Name: "exec on a terminal, resized, with Ctrl-C (kubectl exec -it)", Run: execTerminal},
	{Name: "attach to standard input and output", Run: attach},
	{Name: "attach to a terminal, and again", Run: attachTerminal},
}

func execStreams(t testing.TB, n *node) {
	c := n.pod(t).idle(t)
	s := c.execSession(t, false, script("cat; echo done >&2; exit 7")...)
	s.write("one\ntwo\n")
	s.shows("two\n")
	must(t, s.in.Close())
	if got := s.status(); got != "7" {
		t.Errorf("status %s", got)
	}
	eventually(t, "the streams' ends", func() (any, bool) {
		out, end1 := s.out.now()
		err, end2 := s.err.now()
		return []any{out, end1, err, end2}, end1 && end2 && out == "one\ntwo\n" && err == "done\n"
	})
	if got := c.execSession(t, false, "true").status(); got != "Success" {
		t.Errorf("true: %s", got)
	}
	if got := c.execSession(t, false, "nothing-of-this-name").status(); !strings.Contains(got, "executable file not found in $PATH") {
		t.Errorf("no such program: %s", got)
	}
	c.alone(t)
}

func execTerminal(t testing.TB, n *node) {
	c := n.pod(t).idle(t)
	s := c.execSession(t, true, "sh")
	s.resize(100, 30)
	s.write("PS1='>' ; tty; echo $TERM\n")
	s.shows("/dev/pts/")
	s.shows("xterm")
	eventually(t, "the size", func() (any, bool) {
		s.write("stty size\n")
		now, _ := s.out.now()
		return now, strings.Contains(now, "30 100")
	})
	s.resize(120, 40)
	eventually(t, "the new size", func() (any, bool) {
		s.write("stty size\n")
		now, _ := s.out.now()
		return now, strings.Contains(now, "40 120")
	})
	s.write("echo be''gun; sleep 1000\n")
	s.shows("begun")
	s.write("\x03")
	s.write("echo status $?\n")
	s.shows("status 130")
	s.write("exit 3\n")
	if got := s.status(); got != "3" {
		t.Errorf("status %s", got)
	}
	c.alone(t)
}

func interactive(tty bool) wish {
	return func(c *cri.ContainerConfig) { c.Stdin, c.StdinOnce, c.Tty = true, !tty, tty }
}

func attach(t testing.TB, n *node) {
	c := n.pod(t).run(t, script("while read line; do echo got $line; echo said $line >&2; done; echo end; exit 5"), interactive(false))
	s := c.attach(t)
	s.write("hello\n")
	s.shows("got hello\n")
	eventually(t, "standard error", func() (any, bool) { now, _ := s.err.now(); return now, now == "said hello\n" })
	must(t, s.in.Close())
	if status := c.ended(t); status.ExitCode != 5 {
		t.Errorf("%v", status)
	}
	if got := s.status(); got != "Success" {
		t.Errorf("status %s", got)
	}
	c.logs(t, "stdout F got hello", "stderr F said hello", "stdout F end")
}

func attachTerminal(t testing.TB, n *node) {
	c := n.pod(t).run(t, []string{"sh"}, interactive(true))
	s := c.attach(t)
	s.resize(90, 20)
	s.write("tty\n")
	s.shows("/dev/")
	eventually(t, "the size", func() (any, bool) {
		s.write("stty size\n")
		now, _ := s.out.now()
		return now, strings.Contains(now, "20 90")
	})
	s.write("kept=yes\n")
	again := c.attach(t)
	again.write("echo kept $kept\n")
	again.shows("kept yes")
	again.write("exit 6\n")
	if status := c.ended(t); status.ExitCode != 6 {
		t.Errorf("%v", status)
	}
}
