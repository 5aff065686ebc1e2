package launch

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// writeMaps writes the user namespace's id mappings: itself where keg is
// privileged, by newuidmap(1) and newgidmap(1) otherwise, and without those
// the one mapping that the kernel grants to anyone: of one's own id.
// user_namespaces(7), "Defining user and group ID mappings"
func writeMaps(pid int, maps *plan.IDMaps) error {
	caps, err := linux.Capabilities()
	if err != nil {
		return err
	}
	const setuid, setgid = 1 << 7, 1 << 6
	privileged := caps&setuid != 0 && caps&setgid != 0
	if err := writeMap(pid, "gid", maps.GID, privileged, os.Getegid()); err != nil {
		return fieldError("linux.gidMappings", err)
	}
	return fieldError("linux.uidMappings", writeMap(pid, "uid", maps.UID, privileged, os.Geteuid()))
}

func writeMap(pid int, kind string, list []plan.IDMapping, privileged bool, own int) error {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	single := len(list) == 1 && list[0].Size == 1 && list[0].HostID == uint32(own)
	switch {
	case privileged:
		return os.WriteFile(dir+kind+"_map", mapText(list), 0)
	case single:
		if kind == "gid" {
			if err := os.WriteFile(dir+"setgroups", []byte("deny"), 0); err != nil {
				return err
			}
		}
		return os.WriteFile(dir+kind+"_map", mapText(list), 0)
	}
	return helperMap("new"+kind+"map", pid, list)
}

func mapText(list []plan.IDMapping) []byte {
	var b []byte
	for _, m := range list {
		b = strconv.AppendUint(b, uint64(m.ContainerID), 10)
		b = strconv.AppendUint(append(b, ' '), uint64(m.HostID), 10)
		b = strconv.AppendUint(append(b, ' '), uint64(m.Size), 10)
		b = append(b, '\n')
	}
	return b
}

// helperMap has the set-uid helper write the mappings that /etc/subuid and
// /etc/subgid grant.
func helperMap(helper string, pid int, list []plan.IDMapping) error {
	path, err := exec.LookPath(helper)
	if err != nil {
		return fmt.Errorf("%s is needed to map more than one's own id (hint: install uidmap, or map a single id)", helper)
	}
	args := []string{strconv.Itoa(pid)}
	for _, m := range list {
		for _, n := range []uint32{m.ContainerID, m.HostID, m.Size} {
			args = append(args, strconv.FormatUint(uint64(n), 10))
		}
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		said := bytes.TrimSpace(out)
		if len(said) == 0 {
			said = []byte(helper + ": " + err.Error())
		}
		return fmt.Errorf("%s (hint: /etc/subuid and /etc/subgid say which ids a user may map)", said)
	}
	return nil
}
