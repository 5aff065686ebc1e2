package box

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "null"},
		{Options{Memory: "67108864"}, `{"memory":{"limit":67108864}}`},
		{Options{Memory: "64m"}, `{"memory":{"limit":67108864}}`},
		{Options{Memory: "2048K"}, `{"memory":{"limit":2097152}}`},
		{Options{Memory: "1G"}, `{"memory":{"limit":1073741824}}`},
		{Options{Memory: "1048576b"}, `{"memory":{"limit":1048576}}`},
		{Options{Memory: "8388607t"}, `{"memory":{"limit":9223370937343148032}}`},
		{Options{CPUs: "0.5"}, `{"cpu":{"quota":50000,"period":100000}}`},
		{Options{CPUs: "2"}, `{"cpu":{"quota":200000,"period":100000}}`},
		{Options{CPUs: "0.01"}, `{"cpu":{"quota":1000,"period":100000}}`},
		{Options{CPUs: ".29"}, `{"cpu":{"quota":29000,"period":100000}}`},
		{Options{Pids: "50"}, `{"pids":{"limit":50}}`},
		{Options{Memory: "64m", CPUs: "1", Pids: "1"}, `{"memory":{"limit":67108864},"cpu":{"quota":100000,"period":100000},"pids":{"limit":1}}`},
	} {
		r, err := limits(&tt.o)
		got, _ := json.Marshal(r)
		if err != nil || string(got) != tt.want {
			t.Errorf("%+v: %s, %v, want %s", tt.o, got, err, tt.want)
		}
	}
}

func TestLimitsRefused(t *testing.T) {
	for flag, values := range map[string]string{
		"memory": "m 64mb 64mm -1 +64m 0x40m 1.5g 8388608t 99999999999999999999 1k 0 1048575 6_4m",
		"cpus":   "0 0.001 -1 +1 1e3 inf nan 0x1p2 two . 1.2.3 2000000 1,5",
		"pids":   "0 -1 +5 max 1.5 4294967296 5m",
	} {
		for value := range strings.FieldsSeq(values) {
			o := Options{}
			*map[string]*string{"memory": &o.Memory, "cpus": &o.CPUs, "pids": &o.Pids}[flag] = value
			r, err := limits(&o)
			if err == nil || !strings.HasPrefix(err.Error(), "--"+flag+" "+value+": ") {
				t.Errorf("--%s %s: %+v, %v", flag, value, r, err)
			}
		}
	}
}
