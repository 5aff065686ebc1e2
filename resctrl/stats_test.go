package resctrl

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func place(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStats(t *testing.T) {
	root := t.TempDir()
	place(t, root, map[string]string{
		"schemata":         "    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n",
		"info/L3/cbm_mask": "fffff\n", "info/L3/min_cbm_bits": "1\n", "info/L3/num_closids": "16\n",
		"info/MB/bandwidth_gran": "10\n", "info/MB/delay_linear": "1\n", "info/MB/min_bandwidth": "10\n", "info/MB/num_closids": "8\n",
		"box/schemata":                                      "    MB:0=20;1=20\n    L3:0=f;1=f\n",
		"box/mon_data/mon_L3_00/mbm_total_bytes":            "1000\n",
		"box/mon_data/mon_L3_00/mbm_local_bytes":            "900\n",
		"box/mon_data/mon_L3_00/llc_occupancy":              "4096\n",
		"box/mon_data/mon_L3_01/mbm_total_bytes":            "Unavailable\n",
		"box/mon_groups/m/mon_data/mon_L3_00/llc_occupancy": "7\n",
	})
	g := Group{Dir: filepath.Join(root, "box")}
	got, err := g.Stats()
	want := &Stats{
		L3: &L3Info{"fffff", 1, 16}, MB: &MBInfo{10, 1, 10, 8},
		Root: Schemata{L3: "L3:0=fffff;1=fffff", MB: "MB:0=100;1=100"}, Own: Schemata{L3: "L3:0=f;1=f", MB: "MB:0=20;1=20"},
		Bandwidth: []Bandwidth{{1000, 900}, {0, 0}}, Occupancy: []uint64{4096},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	g.Monitor = filepath.Join(g.Dir, "mon_groups/m")
	if got, err := g.Stats(); err != nil || !reflect.DeepEqual(got.Occupancy, []uint64{7}) || got.Bandwidth != nil {
		t.Errorf("a monitoring group of its own: %+v, %v", got, err)
	}
	of := Group{Dir: root}
	if got, err := of.Stats(); err != nil || got.Own != want.Root || got.L3 == nil {
		t.Errorf("the root's group: %+v, %v", got, err)
	}
}

func TestStatsFail(t *testing.T) {
	root := t.TempDir()
	place(t, root, map[string]string{"info/L3/num_closids": "many\n", "box/schemata": ""})
	_, err := Group{Dir: filepath.Join(root, "box")}.Stats()
	if err == nil || !strings.Contains(err.Error(), "info/L3/num_closids") {
		t.Error(err)
	}
}
