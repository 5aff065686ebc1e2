package box

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// identity is who the command runs as.
type identity struct {
	user specs.User
	home string
}

// resolveUser reads --user: UID[:GID] or NAME[:GROUP]. Names are the root's.
func resolveUser(request, dir string) (identity, error) {
	passwd, passwdErr := readNames(dir, "etc/passwd")
	user, group, hasGroup := strings.Cut(request, ":")
	if user == "" && !hasGroup {
		user = "0"
	}
	id, err := parseID(user)
	entry, known := findPasswd(passwd, byID(id))
	if err != nil {
		entry, known = findPasswd(passwd, byName(user))
		if !known {
			return identity{}, unknownName(request, user, "etc/passwd", passwdErr)
		}
		id = entry.id
	}
	// As with images: a uid that the root does not know has group 0.
	who := identity{specs.User{UID: id, GID: entry.gid}, home(entry, known, id)}
	if hasGroup {
		who.user.GID, err = resolveGroup(request, group, dir)
		return who, err
	}
	if known {
		who.user.AdditionalGids = memberOf(entry.name, entry.gid, dir)
	}
	return who, nil
}

func home(e passwdEntry, known bool, id uint32) string {
	switch {
	case known && strings.HasPrefix(e.home, "/"):
		return e.home
	case id == 0:
		return "/root"
	}
	return "/"
}

func resolveGroup(request, group, dir string) (uint32, error) {
	if gid, err := parseID(group); err == nil {
		return gid, nil
	}
	data, readErr := readNames(dir, "etc/group")
	if found := groups(data, byName(group)); len(found) > 0 {
		return found[0].id, nil
	}
	return 0, unknownName(request, group, "etc/group", readErr)
}

// memberOf lists the groups that a user is in besides the first.
func memberOf(name string, gid uint32, dir string) []uint32 {
	data, err := readNames(dir, "etc/group")
	if err != nil {
		return nil
	}
	var gids []uint32
	for _, g := range groups(data, func(g passwdEntry) bool { return slices.Contains(g.members, name) }) {
		if g.id != gid && !slices.Contains(gids, g.id) {
			gids = append(gids, g.id)
		}
	}
	return gids
}

func unknownName(request, name, file string, readErr error) error {
	if readErr != nil {
		return fmt.Errorf("--user %s: %q: %w", request, name, readErr)
	}
	return fmt.Errorf("--user %s: %q is neither a number nor in the root's %s", request, name, file)
}

// checkMapped refuses ids that the kernel would refuse to take, with a reason.
// Additional groups that are not mapped are left out instead.
func (who *identity) checkMapped(uids, gids []specs.LinuxIDMapping) error {
	const hint = "an ordinary user has other ids only by lines in /etc/subuid and /etc/subgid, and newuidmap and newgidmap (Debian, Ubuntu: apt-get install uidmap)"
	if !mapped(uids, who.user.UID) {
		return fmt.Errorf("--user: uid %d is not mapped in the box: %s", who.user.UID, hint)
	}
	if !mapped(gids, who.user.GID) {
		return fmt.Errorf("--user: gid %d is not mapped in the box: %s", who.user.GID, hint)
	}
	who.user.AdditionalGids = slices.DeleteFunc(who.user.AdditionalGids, func(gid uint32) bool {
		return !mapped(gids, gid) || len(gids) == 1 && gids[0].Size == 1 // setgroups is denied
	})
	return nil
}
