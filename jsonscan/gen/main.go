// Command gen writes decoders for Go structs over package jsonscan, and walks
// over all their strings. In the package that is to hold them:
//
//	//go:generate go run github.com/keg-project/keg/jsonscan/gen -type State -out decode_gen.go
//
// writes for the struct State, and for the structs that it holds,
//
//	func decodeState(s *jsonscan.Scanner, v *State)
//
// to be called like this:
//
//	s := jsonscan.New(data)
//	decodeState(s, &v)
//	mismatches, err := s.Close()
//
// Tags mean what they mean to encoding/json; supported are strings, booleans,
// integers, structs (embedded ones too), pointers, slices, maps with string
// keys, and what implements encoding.TextUnmarshaler. -pkg takes the types
// from another package. -platform linux leaves out the fields whose `platform`
// tag names only other systems: they are then unknown properties, to be ignored.
//
// -strings also writes, for a type `checker` with a method text(*path, string),
//
//	func (c *checker) stringsState(p *path, v *State)
//
// Nothing of it is part of keg's binary.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
)

// options are the command's flags.
type options struct {
	types    []string
	pkg      string
	platform string
	strings  bool
	out      string
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	code, err := generate(".", opts)
	if err != nil {
		return err
	}
	return os.WriteFile(opts.out, code, 0o644)
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	types := flags.String("type", "", "structs to decode, separated by commas")
	flags.StringVar(&o.pkg, "pkg", "", "import path of the package of the types; default: the one in this directory")
	flags.StringVar(&o.platform, "platform", "", "leave out fields whose platform tag does not name this")
	flags.BoolVar(&o.strings, "strings", false, "write the walk over all strings too")
	flags.StringVar(&o.out, "out", "decode_gen.go", "file to write")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.types = strings.Split(*types, ",")
	if *types == "" || flags.NArg() > 0 || filepath.Base(o.out) != o.out {
		return o, fmt.Errorf("usage: gen -type T[,U] [-pkg PATH] [-platform P] [-strings] [-out FILE]")
	}
	return o, nil
}

// command is the command line that gives these options: it stands in the
// generated file's first line, from which the test makes it again.
func (o options) command() string {
	line := "-type " + strings.Join(o.types, ",")
	if o.pkg != "" {
		line += " -pkg " + o.pkg
	}
	if o.platform != "" {
		line += " -platform " + o.platform
	}
	if o.strings {
		line += " -strings"
	}
	return line + " -out " + o.out
}

// generate returns the file for the package in dir.
func generate(dir string, o options) ([]byte, error) {
	source, err := load(dir, o)
	if err != nil {
		return nil, err
	}
	w := writer{options: o, source: source}
	if err := w.collect(); err != nil {
		return nil, err
	}
	var out, body bytes.Buffer
	for _, s := range w.structs {
		w.decoder(&body, s)
	}
	if o.strings {
		for _, s := range w.structs {
			w.walk(&body, s)
		}
	}
	w.header(&out) // last: only now the imports are known
	out.Write(body.Bytes())
	code, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("keg's own fault, please report: %w\n%s", err, out.Bytes())
	}
	return code, nil
}
