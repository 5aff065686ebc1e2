package spec

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// FuzzDecode: whatever the text, no panic, and where two decoders accept it
// they agree on what it says.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"docker", "containerd", "podman"} {
		data, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Decode(data)
		if err != nil {
			if got != nil || err.Error() == "" {
				t.Fatalf("a value beside the error, or an error that says nothing: %v, %q", got, err)
			}
			return
		}
		_ = Validate(got)
		want, err := reference(data)
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("decoded differently:\n%+v\n%+v", got, want)
		}
	})
}

// seeds are the places where decoders differ: duplicate keys, letter case,
// null, empty, escapes, embedded structs, and depth.
var seeds = []string{
	`null`, `{}`, `[]`, ``, `{"process":null}`, `{"hostname":"a","hostname":null,"HOSTNAME":"b"}`,
	`{"mounts":[{"destination":"/a","type":"x"},{"type":"y"}],"mounts":[{"destination":"/b"}],"mounts":[{},{}]}`,
	`{"linux":{"sysctl":{"a":"1","a":"2"}},"Linux":{"Sysctl":{"b":null}}}`,
	`{"process":{"args":[],"env":null,"user":{"additionalGids":[1,2]},"user":{"additionalGids":[3]}}}`,
	`{"linux":{"resources":{"blockIO":{"weightDevice":[{"MAJOR":8,"minor":1,"weight":10}]}}}}`,
	`{"\u0068ostname":"\ud83d\ude00\u0000","ho\u017ftname":"long s","x":[[[[{"y":[]}]]]]}`,
	`{"process":{"oomScoreAdj":-1,"oomScoreAdj":null,"oomScoreAdj":5},"\u212a":1}`,
	`{"linux":{"timeOffsets":{"monotonic":{"secs":-0,"nanosecs":1}}}}`,
	`{"process":{"rlimits":[{"type":"RLIMIT_CPU","hard":18446744073709551615,"soft":18446744073709551616}]}}`,
}

// TestSeeds: the seeds that are valid are equal to what encoding/json makes of
// them; go test runs the fuzz target's body on them, but that passes over errors.
func TestSeeds(t *testing.T) {
	compared := 0
	for _, seed := range seeds {
		want, wantErr := reference([]byte(seed))
		got, err := Decode([]byte(seed))
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, but encoding/json: %v", seed, err, wantErr)
		}
		if err == nil && wantErr == nil {
			compared++
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: decoded differently:\n%+v\n%+v", seed, got, want)
			}
		}
	}
	if compared < 8 {
		t.Errorf("only %d seeds compared", compared)
	}
}

// TestOtherPlatforms: what is for other systems is an unknown property here,
// whatever its type.
func TestOtherPlatforms(t *testing.T) {
	got, err := Decode([]byte(`{"windows": {"layerFolders": 3}, "vm": [], "process": {"commandLine": 1, "cwd": "/"}}`))
	want := &oci.Spec{Process: &oci.Process{Cwd: "/"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRoundTrip: what encoding/json writes for any configuration is read as
// that configuration.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		want := new(oci.Spec)
		fill(r, reflect.ValueOf(want).Elem(), 0)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatalf("%d: %v\n%s", i, err, data)
		}
		want, err = reference(data) // omitempty leaves out what is empty
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%d: decoded differently:\n%s", i, data)
		}
	}
}

// fill sets a value to a random one.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if r.IntN(6) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(randomString(r))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64) >> (64 - v.Type().Bits()))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64) >> (64 - v.Type().Bits()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Map:
		fillMap(r, v, depth)
	}
}

func fillMap(r *rand.Rand, v reflect.Value, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	for range r.IntN(4) {
		elem := reflect.New(v.Type().Elem()).Elem()
		fill(r, elem, depth+1)
		v.SetMapIndex(reflect.ValueOf(randomString(r)), elem)
	}
}

func randomString(r *rand.Rand) string {
	letters := []rune("abc/.:= \"\\\n\t\x00\x7f<&äß€\u2028😀")
	text := make([]rune, r.IntN(12))
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}
