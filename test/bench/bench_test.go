package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestQuantile(t *testing.T) {
	tests := []struct {
		list []float64
		q    float64
		want float64
	}{
		{nil, 0.5, 0},
		{[]float64{7}, 0.9, 7},
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{0, 10}, 0.1, 1},
		{[]float64{5, 1}, 1, 5},
	}
	for _, tt := range tests {
		if got := quantile(tt.list, tt.q); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("quantile(%v, %v) = %v, want %v", tt.list, tt.q, got, tt.want)
		}
	}
}

// A machine that gets ten times slower in the middle leaves the ratio of
// neighbours alone.
func TestRatio(t *testing.T) {
	medians, pairs := ratio([]float64{1, 1, 10, 10}, []float64{2, 2, 20, 20, 20})
	if medians != 5.5/20 || pairs != 0.5 {
		t.Errorf("got %v, %v", medians, pairs)
	}
	if medians, pairs = ratio([]float64{1}, nil); medians != 0 || pairs != 0 {
		t.Errorf("nothing to compare with: got %v, %v", medians, pairs)
	}
}

func TestPrintTable(t *testing.T) {
	var out bytes.Buffer
	printTable(&out, [][]string{{"run, ms", "÷ crun"}, {"keg", "0.5"}, {"same calls in C", "0.25"}})
	want := `| run, ms         | ÷ crun |
|-----------------|-------:|
| keg             |    0.5 |
| same calls in C |   0.25 |
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// One contender that fails is named, and does not hide the others' figures.
func TestReport(t *testing.T) {
	r := result{20, map[string]map[string][]float64{}}
	for range 3 {
		r.add("run", crunName, 10)
		r.add("run", runcName, 20)
	}
	b := &bench{
		options: options{ops: []string{"run"}},
		all: []*contender{
			{name: kegName, floor: true, failed: map[string]error{whole: errors.New("run: exit status 1")}},
			{name: crunName, floor: true}, {name: runcName, floor: true},
		},
		results: []result{r},
	}
	var out bytes.Buffer
	err := b.report(&out)
	if err == nil || err.Error() != "keg: not measured: run: exit status 1" {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out.String(), "| runc    |  20.00 | 20.00 | 20.00 | 2.00 (2.00) | 1.00 (1.00) |") {
		t.Errorf("no figures:\n%s", out.String())
	}
	if strings.Contains(out.String(), "goal") {
		t.Errorf("a goal without figures:\n%s", out.String())
	}
}

func TestParse(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-ops", "run,walk"}, {"-mounts", "many"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	o, err := parse([]string{"-ops", "run,memory", "-mounts", "20,500"}, io.Discard)
	if err != nil || len(o.ops) != 2 || len(o.mounts) != 2 || o.mounts[1] != 500 {
		t.Errorf("got %+v, %v", o, err)
	}
}
