package box

import (
	"os"
	"os/exec"
)

// caller is what the configuration depends on besides the options: who calls,
// with which identities to give away. Tests make their own.
type caller struct {
	uid, gid       int
	uidMap, gidMap string // of the caller's user namespace
	subuid, subgid []idRange
	env            func(name string) (string, bool)
	workdir        string
	resolvConf     string // where this machine's resolv.conf really lies; "" for none
}

// whoCalls reads the facts about this process.
func whoCalls() (caller, error) {
	c := caller{uid: os.Geteuid(), gid: os.Getegid(), env: os.LookupEnv}
	uidMap, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return c, err
	}
	gidMap, err := os.ReadFile("/proc/self/gid_map")
	if err != nil {
		return c, err
	}
	c.uidMap, c.gidMap = string(uidMap), string(gidMap)
	c.resolvConf = resolvConf()
	if c.workdir, err = os.Getwd(); err != nil {
		return c, err
	}
	if c.uid != 0 && canMapSubordinates() {
		c.subuid, c.subgid = subordinates(c.uid)
	}
	return c, nil
}

// canMapSubordinates reports whether the two setuid helpers are installed: an
// ordinary user may map no id but the own without them.
func canMapSubordinates() bool {
	_, errU := exec.LookPath("newuidmap")
	_, errG := exec.LookPath("newgidmap")
	return errU == nil && errG == nil
}
