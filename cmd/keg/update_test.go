package main

import (
	"strings"
	"testing"
)

// What cannot be read is refused before the container is looked for, by the
// flag's name.
func TestUpdateFlags(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	usage := "\nusage: keg update [flags] ID\n"
	for args, want := range map[string]string{
		"":                                        "requires exactly 1 argument(s), ID; got 0",
		"a b":                                     "requires exactly 1 argument(s), ID; got 2",
		"--memory 64mm id":                        `--memory: "64mm" is not a size, such as 1048576, 50M, 1.5g or 64MiB`,
		"--memory= id":                            `--memory: "" is not a size, such as 1048576, 50M, 1.5g or 64MiB`,
		"id --memory 9223372036854775808":         `--memory: "9223372036854775808" is too large: at most 9223372036854775807 bytes`,
		"--memory-swap -2 id":                     `--memory-swap: "-2" is neither a size nor -1, which is unlimited`,
		"--memory-reservation 1e3 id":             `--memory-reservation: "1e3" is not a size, such as 1048576, 50M, 1.5g or 64MiB`,
		"--kernel-memory x id":                    `--kernel-memory: "x" is not a size, such as 1048576, 50M, 1.5g or 64MiB`,
		"--cpu-quota 5x id":                       `--cpu-quota: "5x" is not a whole number of 64 bits`,
		"--cpu-quota +5 id":                       `--cpu-quota: "+5" is not a whole number of 64 bits`,
		"--cpu-quota= id":                         `--cpu-quota: "" is not a whole number of 64 bits`,
		"--cpu-period -1 id":                      `--cpu-period: "-1" is not a whole number of 0 or more, of 64 bits`,
		"--cpu-burst 0x1 id":                      `--cpu-burst: "0x1" is not a whole number of 0 or more, of 64 bits`,
		"--cpu-share 18446744073709551616 id":     `--cpu-share: "18446744073709551616" is not a whole number of 0 or more, of 64 bits`,
		"--cpu-rt-period 1.0 id":                  `--cpu-rt-period: "1.0" is not a whole number of 0 or more, of 64 bits`,
		"--cpu-rt-runtime 9223372036854775808 id": `--cpu-rt-runtime: "9223372036854775808" is not a whole number of 64 bits`,
		"--cpu-idle yes id":                       `--cpu-idle: "yes" is not a whole number of 64 bits`,
		"--pids-limit max id":                     `--pids-limit: "max" is not a whole number of 64 bits`,
		"--blkio-weight 65546 id":                 `--blkio-weight: "65546" is not a number of 10 to 1000`,
		"--cpuset-cpus= id":                       "--cpuset-cpus: is empty",
		"--cpuset-mems= id":                       "--cpuset-mems: is empty",
		"--l3-cache-schema= id":                   `--l3-cache-schema: "" is not a line of a group's schemata, such as L3:0=ff`,
		"id --pids-limit":                         "flag needs an argument: --pids-limit N",
		"--pid-limit 5 id":                        "unknown flag --pid-limit",
	} {
		status, out, stderr := keg(append([]string{"update"}, strings.Fields(args)...)...)
		if status != 1 || out != "" || stderr != "keg: update: "+want+usage {
			t.Errorf("%s: status %d, output %q, error\n%swant\n%s", args, status, out, stderr, want)
		}
	}
	if _, _, stderr := keg("update", "--mem-bw-schema", "MB:0=5\nL3:0=f", "id"); !strings.Contains(stderr, `"MB:0=5\nL3:0=f" is not a line`) {
		t.Error(stderr)
	}
	const absent = "keg: container \"id\" does not exist\n"
	if status, _, stderr := keg("update", "--memory", "64M", "--memory-swap=-1", "--pids-limit=-1", "--cpu-quota", "-1", "id"); status != 1 || stderr != absent {
		t.Errorf("status %d, %s", status, stderr)
	}
}
