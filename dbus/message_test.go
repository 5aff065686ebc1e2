package dbus

import (
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

var every = []Value{
	String("text"), Uint64(1 << 40), Uint32(7), Bool(true), Bytes(1, 2, 3), Strings("a", ""), Strings(),
	Array("(sv)", Struct(String("MemoryMax"), Variant(Uint64(5))), Struct(String("After"), Variant(Strings("x.service")))),
	Array("(sa(sv))"), {Type: "n", Num: ^uint64(2)}, {Type: "i", Num: ^uint64(0)}, {Type: "x", Num: ^uint64(9)}, {Type: "q", Num: 65535},
	{Type: "y", Num: 255}, {Type: "d", Num: 0x3ff8000000000000}, {Type: "o", Text: "/a"}, {Type: "g", Text: "a(ss)"}, Variant(Variant(Bool(false))),
}

func TestRoundTrip(t *testing.T) {
	m := &Message{Kind: Signal, Serial: 9, ReplySerial: 8, Path: "/p", Interface: "i.i", Member: "M", ErrorName: "e.e", Destination: "d.d", Sender: ":1.2", Body: every}
	data := m.Marshal()
	if n, err := Size(data[:HeadSize]); err != nil || n != len(data) {
		t.Fatalf("%d of %d bytes, %v", n, len(data), err)
	}
	got, err := Unmarshal(data)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, m)
	}
	for n := HeadSize; n < len(data); n++ {
		if got, err := Unmarshal(data[:n]); err == nil {
			t.Fatalf("%d of %d bytes: %+v", n, len(data), got)
		}
	}
}

// Counted by hand, from the specification.
func TestMarshal(t *testing.T) {
	m := &Message{Kind: MethodCall, Serial: 1, Path: "/o", Interface: "i.i", Member: "Get", Body: []Value{String("abc"), Array("t", Uint64(2))}}
	const want = `6c010001 18000000 01000000 39000000
		01016f00 02000000 2f6f0000 00000000
		02017300 03000000 692e6900 00000000
		03017300 03000000 47657400 00000000
		08016700 03736174 00000000 00000000
		03000000 61626300 08000000 00000000
		02000000 00000000`
	wanted, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(want))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Marshal(); hex.EncodeToString(got) != hex.EncodeToString(wanted) {
		t.Errorf("got\n%s\nwant\n%s", hex.Dump(got), hex.Dump(wanted))
	}
}

func TestSizeRefuses(t *testing.T) {
	head := (&Message{Kind: MethodCall, Serial: 1}).Marshal()[:HeadSize]
	for _, change := range []func(b []byte){
		func(b []byte) { b[0] = 'B' },
		func(b []byte) { b[3] = 2 },
		func(b []byte) { binary.LittleEndian.PutUint32(b[4:], 1<<31) },
		func(b []byte) { binary.LittleEndian.PutUint32(b[12:], 1<<31) },
	} {
		b := append([]byte(nil), head...)
		change(b)
		if n, err := Size(b); err == nil {
			t.Errorf("% x: %d", b, n)
		}
	}
}

func TestTypes(t *testing.T) {
	for sig, want := range map[string]bool{
		"s": true, "a(sv)": true, "a{sv}": true, "(s(tt)as)": true, "av": true,
		"": false, "ss": false, "a": false, "(": false, "()": false, "(s": false, "s)": false, "z": false, "a{s": false,
		strings.Repeat("a", 100) + "s": false, strings.Repeat("(", 100) + "s" + strings.Repeat(")", 100): false,
	} {
		if got := ValidType(sig); got != want {
			t.Errorf("%q: %v", sig, got)
		}
	}
	if f, err := Fields("(sa(tt)v)"); err != nil || strings.Join(f, " ") != "s a(tt) v" {
		t.Errorf("%q, %v", f, err)
	}
}

// What is read can be written, and is then the same.
func FuzzUnmarshal(f *testing.F) {
	f.Add((&Message{Kind: MethodReturn, Serial: 3, ReplySerial: 1, Body: every}).Marshal())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < HeadSize {
			return
		}
		n, err := Size(data)
		if err != nil || n > len(data) {
			return
		}
		m, err := Unmarshal(data[:n])
		if err != nil {
			return
		}
		for _, v := range m.Body {
			_ = v.String()
		}
		again, err := Unmarshal(m.Marshal())
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%v\n%+v\n%+v", err, m, again)
		}
	})
}
