package launch

import (
	"testing"

	"github.com/keg-project/keg/linux"
)

// What the init said before it died is heard, even if it left a message of
// keg's unread, which resets the connection.
func TestReceiveAfterReset(t *testing.T) {
	ours, theirs, err := linux.SocketPair()
	check(t, err)
	defer ours.Close()
	l := launching{ours: ours}
	check(t, l.send([]byte("G")))
	check(t, linux.Send(int(theirs.Fd()), []byte("last words")))
	check(t, theirs.Close())
	m, err := l.receive()
	if err != nil || string(m.data) != "last words" {
		t.Errorf("%q, %v", m.data, err)
	}
	if m, err := l.receive(); err != nil || len(m.data) != 0 {
		t.Errorf("%q, %v, want an end", m.data, err)
	}
}
