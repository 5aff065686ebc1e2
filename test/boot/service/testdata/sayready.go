// sayready says by sd_notify(3) that it is ready once /data/go is there, and ends
// with SIGTERM.
package main

import (
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	c, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err != nil {
		panic(err)
	}
	c.Write([]byte("STATUS=loading"))
	for {
		if _, err := os.Stat("/data/go"); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.Write([]byte("READY=1\nSTATUS=\x1b[31mserving"))
	<-stop
}
