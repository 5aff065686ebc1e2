package kegtest

import (
	"math/rand/v2"
	"os"
)

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

// OneIn tells of each case of a table whether it is tested: usually all, with
// KEG_SLOW one in n, from another one each time.
func OneIn(n int) (next func() bool) {
	if !Slow() {
		return func() bool { return true }
	}
	i := rand.IntN(n)
	return func() bool {
		i++
		return i%n == 0
	}
}
