package spec

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// reference is what encoding/json makes of data, without what is for other
// platforms.
func reference(data []byte) (*oci.Spec, error) {
	v := new(oci.Spec)
	if err := json.Unmarshal(data, v); err != nil {
		return nil, err
	}
	v.Solaris, v.Windows, v.VM, v.ZOS, v.FreeBSD = nil, nil, nil, nil, nil
	if v.Process != nil {
		v.Process.CommandLine, v.Process.User.Username = "", ""
	}
	return v, nil
}

func TestDecodeEngines(t *testing.T) {
	for _, name := range []string{"docker", "containerd", "podman"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			want, err := reference(data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := Validate(got); err != nil {
				t.Error(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("decoded differently:\n%+v\n%+v", got, want)
			}
		})
	}
}
