package pid1

import (
	"strings"
	"testing"
	"time"
)

// A driver that does not come to an end keeps nothing else; those after it are
// loaded should it go on.
func TestFollow(t *testing.T) {
	console := &screen{}
	p := &process{Options: Options{Console: console}}
	aliases, hung, loaded := make(chan string), make(chan struct{}), make(chan struct{})
	go func() {
		aliases <- "w"
		aliases <- "x"
		<-hung
		aliases <- "y"
		close(aliases)
		close(loaded)
	}()
	p.follow(500*time.Millisecond, aliases)
	if said := console.String(); !p.stuck || !strings.Contains(said, "driver for x: not waited for any longer than 500ms, nor are others") {
		t.Error(said)
	}
	forever := make(chan string)
	defer close(forever)
	p.follow(time.Hour, forever)
	close(hung)
	<-loaded
	p = &process{Options: Options{Console: console}}
	aliases = make(chan string)
	go func() {
		for range 5 {
			aliases <- "slow"
			time.Sleep(30 * time.Millisecond)
		}
		close(aliases)
	}()
	if p.follow(time.Minute, aliases); p.stuck {
		t.Error("slow ones are not waited for: ", console)
	}
}
