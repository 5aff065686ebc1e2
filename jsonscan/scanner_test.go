package jsonscan

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSyntax(t *testing.T) {
	deep := strings.Repeat("[", 257) + strings.Repeat("]", 257)
	tests := []struct{ name, text, want string }{
		{"nothing", ``, `1:1: found the end of the text; expected a value`},
		{"trailing", `{} x`, `1:4: found "x"; expected the end of the text`},
		{"byte order mark", "\ufeff{}", `1:1: found "\ufeff"; expected a value`},
		{"comment", "{\n  // no\n}", `2:3: found "/"; expected a member's name in double quotes`},
		{"trailing comma", "{\"a\": 1,\n}", `2:1: ["a"]: found "}"; expected a member's name in double quotes`},
		{"missing comma", `{"a":[1 2]}`, `1:9: ["a"][1]: found "2"; expected a comma or ]`},
		{"missing colon", `{"a" 1}`, `1:6: found "1"; expected a colon`},
		{"unquoted name", `{a: 1}`, `1:2: found "a"; expected a member's name in double quotes`},
		{"end in object", `{"a": 1`, `1:8: ["a"]: found the end of the text; expected a comma or }`},
		{"end in string", `"abc`, `1:5: found the end of the text; expected the string's closing quote`},
		{"end in escape", `"abc\`, `1:5: found "\\"; expected an escape sequence`},
		{"bad escape", `"\x41"`, `1:2: found "\\"; expected an escape sequence: \" \\ \/ \b \f \n \r \t \uXXXX`},
		{"bad unicode escape", `"\u12g4"`, `1:2: found "\\"; expected four hexadecimal digits after \u`},
		{"lone high surrogate", `"\ud800"`, `1:2: found "\\"; expected a pair of surrogates`},
		{"lone low surrogate", `"\udc00"`, `1:2: found "\\"; expected a pair of surrogates`},
		{"two high surrogates", `"\ud800\ud800"`, `1:2: found "\\"; expected a pair of surrogates`},
		{"control character", "\"a\tb\"", `1:3: found "\t"; expected an escape in place of a control character`},
		{"control after escape", "\"\\n\x00\"", `1:4: found "\x00"; expected an escape in place of a control character`},
		{"not UTF-8", "\"\xff\"", `1:2: found "\xff"; expected a string in UTF-8`},
		{"column counts characters", `["äö" x]`, `1:7: [1]: found "x"; expected a comma or ]`},
		{"leading zero", `01`, `1:2: found "1"; expected the end of the text`},
		{"plus", `+1`, `1:1: found "+"; expected a value`},
		{"minus alone", `-`, `1:2: found the end of the text; expected a digit`},
		{"point alone", `1.`, `1:3: found the end of the text; expected a digit`},
		{"no exponent", `1e+`, `1:4: found the end of the text; expected a digit`},
		{"literal", `nul`, `1:1: found "n"; expected null`},
		{"capital literal", `True`, `1:1: found "T"; expected a value`},
		{"too deep", deep, `1:257: ` + strings.Repeat("[0]", 256) + `: found "["; expected fewer than 256 levels of nesting`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New([]byte(tt.text))
			s.Skip()
			if _, err := s.Close(); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if tt.name != "too deep" && !strings.Contains(tt.name, "surrogate") &&
				tt.name != "not UTF-8" && json.Valid([]byte(tt.text)) {
				t.Error("encoding/json finds nothing wrong with it")
			}
		})
	}
}

// TestNumbers: the same text is a number of a type or none, as for encoding/json.
func TestNumbers(t *testing.T) {
	texts := strings.Fields(`0 -0 1 -1 127 128 -128 -129 255 256 32767 32768 -32769 65535 65536
		2147483647 2147483648 -2147483648 -2147483649 4294967295 4294967296
		9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
		18446744073709551615 18446744073709551616 1.0 1e2 1E-2 0.5 -1.5e+10 true "1" null [] {}`)
	for _, text := range texts {
		sameNumber(t, text, Int[int])
		sameNumber(t, text, Int8[int8])
		sameNumber(t, text, Int16[int16])
		sameNumber(t, text, Int32[int32])
		sameNumber(t, text, Int64[int64])
		sameNumber(t, text, Uint[uint])
		sameNumber(t, text, Uint8[uint8])
		sameNumber(t, text, Uint16[uint16])
		sameNumber(t, text, Uint32[uint32])
		sameNumber(t, text, Uint64[uint64])
	}
}

func sameNumber[T comparable](t *testing.T, text string, read func(*Scanner, *T)) {
	t.Helper()
	var got, want T
	s := New([]byte(text))
	read(s, &got)
	mismatches, err := s.Close()
	if err != nil {
		t.Errorf("%T %s: %v", got, text, err)
	}
	wantErr := json.Unmarshal([]byte(text), &want)
	if (len(mismatches) > 0) != (wantErr != nil) || wantErr == nil && got != want {
		t.Errorf("%T %s: got %v, %v; want %v, %v", got, text, got, mismatches, want, wantErr)
	}
}

func TestStrings(t *testing.T) {
	for _, text := range []string{
		`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0041\u00e4\u20ac"`, `"\ud83d\ude00"`, `"ä€😀"`,
		`"a\u0000b"`, `"plain \n mixed \u00E4 ä"`, `"\uABCD\uabcd"`, "\"\x7f\"", `"\ufffd"`,
	} {
		var got, want string
		s := New([]byte(text))
		String(s, &got)
		if m, err := s.Close(); err != nil || m != nil {
			t.Errorf("%s: %v, %v", text, m, err)
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil || got != want {
			t.Errorf("%s: got %q, want %q, %v", text, got, want, err)
		}
	}
}
