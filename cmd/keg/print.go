package main

import "fmt"

// print writes a command's whole answer. An error matters: an engine must not
// take half an answer, from a full disk or a closed pipe, for the whole.
func (c *call) print(b []byte) error {
	if _, err := c.stdout.Write(b); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}
