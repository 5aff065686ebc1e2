package box

import (
	"encoding/json"
	"testing"
)

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "null"},
		{Options{Memory: 1 << 26}, `{"memory":{"limit":67108864}}`},
		{Options{CPUs: 500}, `{"cpu":{"quota":50000,"period":100000}}`},
		{Options{Pids: 50}, `{"pids":{"limit":50}}`},
		{Options{Memory: 1 << 20, CPUs: 10, Pids: 1}, `{"memory":{"limit":1048576},"cpu":{"quota":1000,"period":100000},"pids":{"limit":1}}`},
	} {
		if got, _ := json.Marshal(limits(&tt.o)); string(got) != tt.want {
			t.Errorf("%+v: %s, want %s", tt.o, got, tt.want)
		}
	}
}
