package doctor

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/keg-project/keg/launch"
)

// tryHelpers has the two programs map the user's first ids, in a user namespace
// that nobody uses.
func (f *idFacts) tryHelpers() {
	for i, file := range []struct {
		text string
		own  int
	}{{f.subuid, os.Geteuid()}, {f.subgid, os.Getegid()}} {
		own, _ := f.split(parseRanges(file.text))
		h := &f.helpers[i]
		if h.err != nil || !h.setuid && !h.capable || len(own) == 0 {
			continue // that is what will be said
		}
		pid, end, err := launch.HoldUserNamespace(executable)
		if err != nil {
			continue // said where user namespaces are
		}
		h.tried = h.mapInto(pid, file.own, own[0].start, f.patience)
		end()
	}
}

// mapInto maps root to an id of one's own and the next one to a subordinate id.
func (h *helper) mapInto(pid, own int, first uint64, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.path, strconv.Itoa(pid), "0", strconv.Itoa(own), "1", "1", strconv.FormatUint(first, 10), "1")
	cmd.WaitDelay = patience
	out, err := cmd.CombinedOutput()
	if said := bytes.TrimSpace(out); err != nil && len(said) > 0 {
		return errors.New(string(said))
	}
	return err
}
