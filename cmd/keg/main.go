// Command keg runs OCI containers: runc's command line for engines, and a
// front door for people.
//
// It turns flags into calls of package container and answers into text; what
// a container is and how one comes to be is not decided here.
package main

import (
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns keg's exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if words := bootName(args); words != nil {
		args = append([]string{"keg"}, words...)
	}
	c := &call{program: programName(args), failure: 1, stdin: stdin, stdout: stdout}
	c.log.stderr = stderr
	status, err := c.dispatch(args)
	if err != nil {
		status = c.failure
		c.log.error(err)
		c.usageHint(stderr, err)
	}
	if err := c.log.close(); err != nil && status == 0 {
		status = 1
		c.log.error(err)
	}
	return status
}
