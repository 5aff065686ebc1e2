package main

import (
	"github.com/keg-project/keg/boot/sequence"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootVolumesCommand() command {
	return command{
		name:  "volumes",
		short: "mount volumes: what is in lower, and written on top of it",
		long: "Each directory below DIR is a volume. Its directory lower is shown in merged, read-only;\n" +
			"with a directory tmp, what is written goes to a tmpfs there.",
		setup: func(s *argv.Set) action {
			dir := "/containers/volumes"
			s.String(&dir, "dir", 0, "DIR", "where the volumes are (default: "+dir+")")
			return func(c *call, _ argv.Args) (int, error) {
				return 0, sequence.Volumes(dir, c.progress)
			}
		},
	}
}
