package main

import (
	"bytes"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/keg-project/keg/boot/sequence"
)

func resultTable(results []sequence.Result) []byte {
	if len(results) == 0 {
		return nil
	}
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "CONTAINER\tSTATUS\tTIME")
	for i := range results {
		r := &results[i]
		fmt.Fprintf(table, "%s\t%s\t%v\n", printable(r.Name), resultText(r), r.Took.Round(time.Millisecond))
	}
	table.Flush()
	return b.Bytes()
}

func resultText(r *sequence.Result) string {
	switch {
	case r.Skipped:
		return "not run"
	case !r.Ended:
		return "failed"
	case r.Status.Signaled() && r.Err != nil:
		return "killed"
	case r.Status.Signaled():
		return fmt.Sprintf("%d (signal %d)", r.ExitStatus(), r.Status.Signal())
	}
	return fmt.Sprint(r.ExitStatus())
}

func resultArray(results []sequence.Result) []byte {
	b := []byte{'['}
	for i := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendResult(append(b, '\n'), &results[i])
	}
	return append(b, "\n]\n"...)
}

func appendResult(b []byte, r *sequence.Result) []byte {
	o := object{b: b}
	o.open()
	o.text("name", r.Name)
	if r.Ended {
		o.number("exitStatus", r.ExitStatus())
	}
	if r.Err != nil {
		o.text("error", r.Err.Error())
	}
	if r.Skipped {
		o.key("skipped")
		o.b = append(o.b, "true"...)
	}
	if len(r.Left) > 0 {
		o.number("leftRunning", len(r.Left))
	}
	o.number("milliseconds", int(r.Took.Milliseconds()))
	o.close()
	return o.b
}
