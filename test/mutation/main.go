// Mutation proves that the tests of keg's defences can fail: it builds keg with
// one defence switched off at a time, by a change of its text, and runs the
// tests that are named for it. They must pass without the change, and fail with
// it, saying what they are there to say.
//
// The table of defences is in the files defences_*.go, and docs/security.md is
// written from it. Mutation is not for finding code that no test covers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

type options struct {
	jobs    int
	only    string
	docs    bool
	verbose bool
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	f := flag.NewFlagSet("mutation", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.jobs, "j", 2, "how many at a time")
	f.StringVar(&o.only, "only", "", "only defences whose name, row or file has this word")
	f.BoolVar(&o.docs, "docs", false, "write docs/security.md, and run nothing")
	f.BoolVar(&o.verbose, "v", false, "show what the failing tests said")
	if err := f.Parse(args); err != nil {
		return 2
	}
	root, err := repository()
	if err == nil && o.docs {
		err = os.WriteFile(root+"/"+document, []byte(describe(defences())), 0o644)
	} else if err == nil {
		err = prove(root, o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "mutation:", err)
		return 1
	}
	return 0
}

// prove shows that every defence that is asked for is needed.
func prove(root string, o options, stdout io.Writer) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("most of the tests are root's: run it as root")
	}
	chosen := choose(defences(), o.only)
	if len(chosen) == 0 {
		return fmt.Errorf("no defence has %q in its name", o.only)
	}
	w, err := newWorkshop(root)
	if err != nil {
		return err
	}
	defer w.remove()
	if err := w.prepare(chosen, o.jobs); err != nil {
		return err
	}
	failed := 0
	results := parallel(o.jobs, chosen, w.switchOff)
	for i := range chosen {
		r := <-results[i]
		fmt.Fprint(stdout, r.line(&chosen[i], o.verbose))
		if r.err != nil {
			failed++
		}
	}
	err = sweepCgroups(w.prefix())
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d defences are not shown to be needed", failed, len(chosen)))
	}
	return err
}

func choose(all []defence, word string) []defence {
	var chosen []defence
	for _, d := range all {
		if strings.Contains(d.row+" "+d.name+" "+d.file, word) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}

// parallel does the work n at a time; the results come in the list's order.
func parallel[T, R any](n int, list []T, work func(*T) R) []chan R {
	results := make([]chan R, len(list))
	slots := make(chan bool, n)
	for i := range list {
		results[i] = make(chan R, 1)
		go func() {
			slots <- true
			results[i] <- work(&list[i])
			<-slots
		}()
	}
	return results
}
