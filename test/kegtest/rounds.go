package kegtest

import "os"

// Rounds is how often a stress test does what it does: usually, with KEG_SOAK
// (make soak), and with KEG_SLOW a fifth of the usual, on an emulated machine.
func Rounds(usual, soak int) int {
	switch {
	case os.Getenv("KEG_SOAK") != "":
		return soak
	case Slow():
		return max(usual/5, 1)
	}
	return usual
}

// Slow tells that processes take some 35 times longer to start (test/vm).
func Slow() bool { return os.Getenv("KEG_SLOW") != "" }
