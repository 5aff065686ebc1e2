package main

import (
	"os"
	"strconv"
)

// listenFDs reports the sockets that keg's caller has opened for the program: if
// they are meant for keg, and not for the parent that it has the variables from.
// sd_listen_fds(3)
func listenFDs() (n int, names string) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return 0, ""
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n <= 0 {
		return 0, ""
	}
	return n, os.Getenv("LISTEN_FDNAMES")
}
