package resctrl

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Stats is what a group has, and what was counted for it.
type Stats struct {
	L3   *L3Info // nil where caches are not shared out
	MB   *MBInfo // nil where memory bandwidth is not
	Root Schemata
	Own  Schemata

	Bandwidth []Bandwidth // since the group was made, by domains; none where it is not monitored
	Occupancy []uint64    // bytes of the cache, as above
}

// L3Info is what may be asked of caches. resctrl.rst, "Info directory"
type L3Info struct {
	CbmMask                string
	MinCbmBits, NumClosids uint64
}

// MBInfo is what may be asked of memory bandwidth.
type MBInfo struct {
	BandwidthGran, DelayLinear, MinBandwidth, NumClosids uint64
}

// Schemata are the lines of a group; "" where there is none.
type Schemata struct{ L3, MB string }

// Bandwidth is memory traffic in bytes.
type Bandwidth struct{ Total, Local uint64 }

// Stats reads the group's numbers. A file that the kernel does not have counts
// as 0.
func (g Group) Stats() (*Stats, error) {
	var r reader
	root := g.root()
	s := &Stats{Root: r.schemata(root), Own: r.schemata(g.Dir)}
	if info := filepath.Join(root, "info/L3"); isDir(info) {
		s.L3 = &L3Info{r.text(info + "/cbm_mask"), r.number(info + "/min_cbm_bits"), r.number(info + "/num_closids")}
	}
	if info := filepath.Join(root, "info/MB"); isDir(info) {
		s.MB = &MBInfo{r.number(info + "/bandwidth_gran"), r.number(info + "/delay_linear"), r.number(info + "/min_bandwidth"), r.number(info + "/num_closids")}
	}
	monitored := g.Dir
	if g.Monitor != "" {
		monitored = g.Monitor
	}
	domains, _ := os.ReadDir(filepath.Join(monitored, "mon_data")) // none: not monitored
	for _, domain := range domains {
		if !strings.HasPrefix(domain.Name(), "mon_L3_") {
			continue
		}
		d := filepath.Join(monitored, "mon_data", domain.Name())
		if isFile(d + "/mbm_total_bytes") {
			s.Bandwidth = append(s.Bandwidth, Bandwidth{r.number(d + "/mbm_total_bytes"), r.number(d + "/mbm_local_bytes")})
		}
		if isFile(d + "/llc_occupancy") {
			s.Occupancy = append(s.Occupancy, r.number(d+"/llc_occupancy"))
		}
	}
	return s, r.err
}

// root is the directory of all groups, which alone has "info".
func (g Group) root() string {
	if isDir(filepath.Join(g.Dir, "info")) {
		return g.Dir
	}
	return filepath.Dir(g.Dir)
}

func isDir(name string) bool {
	st, err := os.Stat(name)
	return err == nil && st.IsDir()
}

func isFile(name string) bool {
	st, err := os.Stat(name)
	return err == nil && !st.IsDir()
}

// reader keeps the first error.
type reader struct{ err error }

func (r *reader) text(name string) string {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && r.err == nil {
		r.err = err
	}
	return strings.TrimSpace(string(text))
}

// number reads a counter. "Unavailable" and "Error" are the kernel's words for
// a counter that it cannot read now.
func (r *reader) number(name string) uint64 {
	text := r.text(name)
	if text == "" || text == "Unavailable" || text == "Error" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil && r.err == nil {
		r.err = &os.PathError{Op: "read", Path: name, Err: err}
	}
	return n
}

func (r *reader) schemata(dir string) (s Schemata) {
	for line := range strings.Lines(r.text(filepath.Join(dir, "schemata"))) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "L3"):
			s.L3 = line
		case strings.HasPrefix(line, "MB:"):
			s.MB = line
		}
	}
	return s
}
