package cgroup

import (
	"testing"
)

func TestQuick(t *testing.T) {
	l, err := Detect()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(l)
	dirs, err := Path(l, "", "keg-test-quick")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Create(dirs)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c.Dirs())
	if err := c.Remove(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDetect(b *testing.B) {
	for b.Loop() {
		Detect()
	}
}

func BenchmarkPath(b *testing.B) {
	l, _ := Detect()
	for b.Loop() {
		Path(l, "", "keg-test-bench")
	}
}

func BenchmarkCreateRemove(b *testing.B) {
	l, _ := Detect()
	dirs, _ := Path(l, "", "keg-test-bench")
	for b.Loop() {
		c, err := Create(dirs)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Remove(); err != nil {
			b.Fatal(err)
		}
	}
}
