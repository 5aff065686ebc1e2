package main

import (
	"fmt"
	"io"
	"os"
)

// readInput reads the file that a flag names, which may be a pipe; "-" is
// standard input.
func (c *call) readInput(flag, name string) ([]byte, error) {
	const most = 16 << 20
	in := c.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if len(data) > most {
		return nil, fmt.Errorf("%s %s: is larger than 16 MiB", flag, name)
	}
	return data, nil
}
