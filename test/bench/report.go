package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// report prints what was measured and returns what could not be.
func (b *bench) report(w io.Writer) error {
	if b.json {
		if err := json.NewEncoder(w).Encode(b.results); err != nil {
			return err
		}
		return b.failures()
	}
	b.heading(w)
	for _, op := range b.ops {
		for _, r := range b.results {
			b.table(w, op, r)
		}
	}
	b.targets(w)
	return b.failures()
}

func (b *bench) heading(w io.Writer) {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "Linux %s, %s, %d cores, load %s; %d rounds, contenders in turn\n",
		strings.TrimSpace(string(release)), runtime.GOARCH, runtime.NumCPU(), strings.TrimSpace(string(load)), b.options.rounds)
	for _, c := range b.all {
		if !c.floor {
			fmt.Fprintf(w, "%s: %s\n", c.name, c.version())
		}
	}
	fmt.Fprintln(w, "Ratios: of the medians (median of the ratios of neighbours).")
}

func (b *bench) table(w io.Writer, op string, r result) {
	samples := r.Samples[op]
	if len(samples) == 0 {
		return
	}
	unit := units[op]
	rows := [][]string{{op + ", " + unit, "median", "10 %", "90 %", "÷ crun", "÷ runc"}}
	for _, c := range b.all {
		if own := samples[c.name]; len(own) > 0 {
			rows = append(rows, []string{c.name,
				number(median(own), unit), number(quantile(own, 0.1), unit), number(quantile(own, 0.9), unit),
				against(own, samples[crunName]), against(own, samples[runcName])})
		}
	}
	fmt.Fprintf(w, "\n%s with %d mounts on the host\n\n", op, r.Mounts)
	printTable(w, rows)
}

func number(value float64, unit string) string {
	if unit == "KiB" {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.2f", value)
}

func against(own, other []float64) string {
	if len(other) == 0 {
		return "-"
	}
	medians, pairs := ratio(own, other)
	return fmt.Sprintf("%.2f (%.2f)", medians, pairs)
}

// printTable writes Markdown that is aligned, and so is plain text as well.
func printTable(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		fmt.Fprint(w, "|")
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				fmt.Fprintf(w, " %s%s |", pad, cell)
			} else {
				fmt.Fprintf(w, " %s%s |", cell, pad)
			}
		}
		fmt.Fprintln(w)
		if n == 0 {
			printRule(w, width)
		}
	}
}

func printRule(w io.Writer, width []int) {
	fmt.Fprintf(w, "|%s|", strings.Repeat("-", width[0]+2))
	for _, n := range width[1:] {
		fmt.Fprintf(w, "%s:|", strings.Repeat("-", n+1))
	}
	fmt.Fprintln(w)
}

// goals are keg's own; missing one is news, not a failure.
var goals = []struct {
	op    string
	limit float64 // × crun, or KiB
}{
	{"run", 0.4}, {"exec", 0.45}, {"state", 0.6}, {"memory", 100},
}

func (b *bench) targets(w io.Writer) {
	fmt.Fprintln(w)
	for _, goal := range goals {
		for _, r := range b.results {
			own, crun := r.Samples[goal.op][kegName], r.Samples[goal.op][crunName]
			value, _ := ratio(own, crun)
			unit := "× crun"
			if goal.op == "memory" {
				value, unit = median(own), "KiB"
			}
			if !slices.Contains(b.ops, goal.op) || value == 0 {
				continue
			}
			verdict := "met"
			if value > goal.limit {
				verdict = "missed"
			}
			fmt.Fprintf(w, "goal %s ≤ %g %s, %d mounts: %.2f, %s\n", goal.op, goal.limit, unit, r.Mounts, value, verdict)
		}
	}
}

func (b *bench) failures() error {
	var all []error
	for _, c := range b.all {
		for _, group := range []string{whole, stages, joining} {
			if err := c.failed[group]; err != nil {
				all = append(all, fmt.Errorf("%s: not measured: %w", c.name, err))
			}
		}
	}
	return errors.Join(all...)
}
