// Notify sends READY=1, and where to, to $NOTIFY_SOCKET.
package main

import (
	"net"
	"os"
)

func main() {
	name := os.Getenv("NOTIFY_SOCKET")
	conn, err := net.Dial("unixgram", name)
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	conn.Write([]byte("READY=1 " + name))
}
