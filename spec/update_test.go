package spec

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// What engines hand to `update --resources`, in the cases that they use.
func TestDecodeResources(t *testing.T) {
	for _, text := range []string{
		`{}`, `null`, " {} \n",
		`{"memory":{"limit":67108864,"swap":-1},"cpu":{"shares":512,"quota":50000,"cpus":"0-1"},"pids":{"limit":20}}`,
		`{"Memory":{"Limit":67108864,"CheckBeforeUpdate":true},"CPU":{"Quota":-1,"PERIOD":1000},"BlockIO":{"weight":100}}`,
		`{"devices":[{"allow":true,"type":"c","major":1,"minor":5,"access":"rwm"}],"unified":{"memory.high":"max"},"x":1}`,
	} {
		var want oci.LinuxResources
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		got, err := DecodeResources([]byte(text))
		if err != nil || !reflect.DeepEqual(got, &want) {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestDecodeResourcesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"cpu":{"quota":"5"},"Memory":{"Limit":1.5}}`: "cpu.quota: found \"5\"; allowed: an integer from -9223372036854775808 to 9223372036854775807\n" +
			"memory.limit: found 1.5; allowed: an integer from -9223372036854775808 to 9223372036854775807",
		`{"pids":{"limit":9223372036854775808}}`: "pids.limit: found 9223372036854775808; allowed: an integer from -9223372036854775808 to 9223372036854775807",
		`[]`:                                     "found an array; allowed: an object",
	} {
		if got, err := DecodeResources([]byte(text)); got != nil || err == nil || err.Error() != want {
			t.Errorf("%s: %+v, %v\nwant %s", text, got, err, want)
		}
	}
	for _, text := range []string{``, `{`, `{} {}`, `{"cpu":}`} {
		if got, err := DecodeResources([]byte(text)); got != nil || err == nil {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestValidateResources(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "",
		`{"memory":{"limit":-1,"swap":-1},"cpu":{"quota":-1,"period":100000,"cpus":"0-3,7"},"pids":{"limit":-1}}`: "",
		`{"memory":{"limit":-2}}`:          "memory.limit: found -2; allowed: -1 or more",
		`{"cpu":{"quota":10}}`:             "cpu.quota: found 10; allowed: -1, 0, 1000 to 9223372036854775807",
		`{"cpu":{"cpus":"1-"}}`:            `cpu.cpus: found "1-"; allowed: a list of numbers and ranges like 0-3,7`,
		`{"cpu":{"mems":"0\u0000"}}`:       `cpu.mems: found "0\x00"; allowed: `,
		`{"unified":{"../x":"1"}}`:         `unified["../x"]: found "../x"; allowed: `,
		`{"memory":{"limit":5,"swap":4}}`:  "memory.swap: found 4; allowed: at least the limit, 5",
		`{"blockIO":{"weight":7}}`:         "blockIO.weight: found 7; allowed: 0, 10 to 1000",
		`{"pids":{"limit":-7}}`:            "pids.limit: found -7; allowed: -1 or more",
		`{"devices":[{"type":"x"}]}`:       `devices[0].type: found "x"; allowed: a, c, b`,
		`{"cpu":{"idle":2,"period":5}}`:    "cpu.period: found 5; allowed: 0, 1000 to 1000000\ncpu.idle: found 2; allowed: 0 to 1",
		`{"rdma":{"mlx":{}},"network":{}}`: `rdma["mlx"]: found nothing; allowed: hcaHandles, hcaObjects`,
		`{"hugepageLimits":[{"limit":1}]}`: `hugepageLimits[0].pageSize: found ""; allowed: a size like 64KB, 2MB, 1GB`,
	} {
		r, err := DecodeResources([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		err = ValidateResources(r)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}
