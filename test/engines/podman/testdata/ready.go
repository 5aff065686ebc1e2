// notify says by sd_notify(3) that it is ready, and waits.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	c, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err == nil {
		_, err = c.Write([]byte("READY=1\nSTATUS=" + os.Args[1]))
	}
	fmt.Println("told:", err)
	time.Sleep(time.Hour)
}
