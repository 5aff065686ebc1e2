package main

import (
	"os"

	"github.com/keg-project/keg/boot/pid1"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootInitCommand() command {
	return command{
		name: "init", max: 0,
		short: "be the first process of a machine, or of a container with such a system in it",
		long: "On a machine: leaves the initramfs, mounts what the kernel has, loads drivers, sets\n" +
			"clock, loopback, limits and the host's name, and runs the files of /etc/init.d one\n" +
			"after another; where there is no such directory, what `keg boot volumes`, `keg boot\n" +
			"onboot` and `keg boot services` do. From then on it reaps, and starts the services'\n" +
			"supervisor again if it crashes.\n\n" +
			"SIGTERM and Ctrl-Alt-Del reboot, SIGUSR2 powers off, SIGUSR1 and SIGPWR halt: after\n" +
			"the files of /etc/shutdown.d (or `keg boot onshutdown`), once the services and all\n" +
			"other processes have ended and disks are unmounted.\n\n" +
			"In a container it mounts nothing, and ends with its last child or with one of these\n" +
			"signals: with status 0, or 1 if something of /etc/init.d has failed.\n\n" +
			"keg does so too if it is process 1 under the name init. Parameters of the kernel's\n" +
			"command line, among them keg.rescue=SECONDS, are in docs/linuxkit.md.",
		setup: func(*argv.Set) action {
			return func(*call, argv.Args) (int, error) {
				return pid1.Run(pid1.Options{Console: os.Stderr, Args: os.Args}), nil
			}
		},
	}
}

// firstProcessName is keg as /init: what the kernel does not understand of its
// command line it gives to the first process as arguments, which mean nothing.
func firstProcessName(name string) []string {
	if name != "init" || os.Getpid() != 1 {
		return nil
	}
	return []string{"boot", "init"}
}
