package service

import (
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	for text, want := range map[string]Request{
		`{"op":"status"}`:                       {Op: StatusOp},
		` {"op":"status","name":"x"} `:          {Op: StatusOp, Name: "x"},
		`{"name":"a b/../c","op":"restart"}`:    {Op: RestartOp, Name: "a b/../c"},
		"{\"op\":\"stop\",\n\"name\":\"sshd\"}": {Op: StopOp, Name: "sshd"},
	} {
		if got, err := parseRequest([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "it is empty",
		`{`:                                  "unexpected EOF",
		`status`:                             "invalid character",
		`[]`:                                 "cannot unmarshal array",
		`null`:                               `"op" is ""`,
		`{"op":"halt"}`:                      `"op" is "halt"; known are status, start, stop, restart, end`,
		`{"op":"stop"}`:                      "which service",
		`{"op":"status","force":true}`:       `unknown field "force"`,
		`{"op":"status"} {"op":"status"}`:    "something follows",
		`{"op":"status"}}`:                   "something follows",
		`{"op":"end","name":"x"}`:            "for all services",
		`{"op":7}`:                           "cannot unmarshal number",
		`{"op":"stop","name":["a"]}`:         "cannot unmarshal array",
		`{"op":"stop","name":"a","name":"b"`: "unexpected EOF",
	} {
		if got, err := parseRequest([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %+v, %v; want %s", text, got, err, want)
		}
	}
}

// A request is an operation with what it needs, or an error; and what was
// understood is understood the same when it is sent on.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"op":"status","name":"x"}`))
	f.Add([]byte(`{"op":"stop"}`))
	f.Add([]byte("{\"op\":\"restart\",\"name\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRequest(text)
		if err != nil {
			if r != (Request{}) {
				t.Errorf("%+v and %v", r, err)
			}
			return
		}
		again, err := parseRequest(line(r))
		if err != nil || again != r {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

func TestSelected(t *testing.T) {
	all := []Status{{Name: "a"}, {Name: "b"}}
	if got, err := selected(all, "b"); err != nil || len(got) != 1 || got[0].Name != "b" {
		t.Error(got, err)
	}
	if got, err := selected(all, ""); err != nil || len(got) != 2 {
		t.Error(got, err)
	}
	if _, err := selected(all, "c"); err == nil || err.Error() != `there is no service "c"` {
		t.Error(err)
	}
}
