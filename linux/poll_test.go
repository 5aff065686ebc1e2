package linux

import (
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// TestReadableBeforeBoth has both become ready at once, at all moments of a
// look at one after the other: something to read is never missed.
func TestReadableBeforeBoth(t *testing.T) {
	message, say, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer message.Close()
	defer say.Close()
	const looks = 100000
	var looking atomic.Int64
	go func() {
		for i := int64(1); i <= looks; i++ {
			for looking.Load() < i {
			}
			for range i % 500 { // some ns each
				looking.Load()
			}
			if _, err := say.Write([]byte{'!'}); err != nil {
				return // the test has failed
			}
		}
	}()
	fd := int(message.Fd())
	end := time.Now().Add(10 * time.Second) // on one processor both take turns, which takes long
	for i := range int64(looks) {
		if time.Now().After(end) {
			looking.Store(looks)
			break
		}
		looking.Store(i + 1)
		told, err := ReadableBefore(fd, fd, time.Minute)
		if err != nil || !told {
			looking.Store(looks)
			t.Fatalf("look %d: something to read: %t, error %v", i, told, err)
		}
		message.Read(make([]byte, 1))
	}
}
