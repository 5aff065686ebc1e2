// Bench compares keg with the runtimes that it finds on this machine, and all
// of them with the floor: what an empty Go program costs, and what the same
// system calls cost in C.
//
// It does not judge: it fails when something cannot be run, never because
// something is slow.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

type options struct {
	rounds int
	ops    []string
	mounts []int
	keg    string
	config string
	pause  time.Duration
	json   bool
	inside string // the work directory, in the process that measures
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	if o.inside == "" {
		err = prepare(o, args, stdout, stderr)
	} else {
		err = measure(o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "n", 60, "rounds")
	ops := f.String("ops", "run,create,start,state,exec,delete,memory", "what to measure")
	mounts := f.String("mounts", "20,500,2000", "how many mounts the host has")
	f.StringVar(&o.keg, "keg", "./keg", "the keg to measure")
	f.StringVar(&o.config, "config", "", "a config.json instead of the one built in")
	f.DurationVar(&o.pause, "pause", 10*time.Millisecond, "rest before each turn, for the kernel to clear away what the last one left")
	f.BoolVar(&o.json, "json", false, "print every sample as JSON")
	f.StringVar(&o.inside, "inside", "", "")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.ops = strings.Split(*ops, ",")
	for _, op := range o.ops {
		if _, known := units[op]; !known {
			return o, fmt.Errorf("-ops: %q is none of run, create, start, state, exec, delete, memory", op)
		}
	}
	for _, word := range strings.Split(*mounts, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return o, fmt.Errorf("-mounts: %w", err)
		}
		o.mounts = append(o.mounts, n)
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("-n: %d rounds measure nothing", o.rounds)
	}
	return o, nil
}
