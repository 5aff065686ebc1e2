package dbus

import (
	"encoding/binary"
	"errors"
)

// Kind is what a message is.
type Kind byte

// The kinds of messages. D-Bus specification, "Message Format"
const (
	MethodCall   Kind = 1
	MethodReturn Kind = 2
	Error        Kind = 3
	Signal       Kind = 4
)

// Message is one message.
type Message struct {
	Kind        Kind
	Serial      uint32
	ReplySerial uint32
	Path        string
	Interface   string
	Member      string
	ErrorName   string
	Destination string
	Sender      string
	Body        []Value
}

// The fields of a header, by their codes; 8 is the body's signature.
const (
	fieldPath = 1 + iota
	fieldInterface
	fieldMember
	fieldErrorName
	fieldReplySerial
	fieldDestination
	fieldSender
	fieldSignature
)

const (
	// HeadSize is how much of a message tells how long it is.
	HeadSize = 16
	// maxSize is far above what systemd has to say, and far below what would
	// hurt. The specification has 128 MiB.
	maxSize = 4 << 20
)

// Marshal returns the message's bytes.
func (m *Message) Marshal() []byte {
	fields := Array("(yv)")
	text := func(code int, kind, s string) {
		if s != "" {
			fields.List = append(fields.List, Struct(Value{Type: "y", Num: uint64(code)}, Variant(Value{Type: kind, Text: s})))
		}
	}
	text(fieldPath, "o", m.Path)
	text(fieldInterface, "s", m.Interface)
	text(fieldMember, "s", m.Member)
	text(fieldErrorName, "s", m.ErrorName)
	text(fieldDestination, "s", m.Destination)
	text(fieldSender, "s", m.Sender)
	text(fieldSignature, "g", types(m.Body))
	if m.ReplySerial != 0 {
		fields.List = append(fields.List, Struct(Value{Type: "y", Num: fieldReplySerial}, Variant(Uint32(m.ReplySerial))))
	}
	body := appendAll(nil, m.Body)
	head := []byte{'l', byte(m.Kind), 0, 1}
	head = binary.LittleEndian.AppendUint32(head, uint32(len(body)))
	head = binary.LittleEndian.AppendUint32(head, m.Serial)
	return append(pad(appendValue(head, fields), 8), body...)
}

// Size is the length of the message that begins with head, HeadSize bytes.
func Size(head []byte) (int, error) {
	if head[0] != 'l' {
		return 0, errors.New("D-Bus message that is not little-endian")
	}
	if head[3] != 1 {
		return 0, errors.New("D-Bus message of another protocol version")
	}
	body, fields := binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[12:])
	if body > maxSize || fields > maxSize {
		return 0, errors.New("D-Bus message that is too long")
	}
	return HeadSize + int(fields+7)/8*8 + int(body), nil
}

// Unmarshal reads a whole message.
func Unmarshal(data []byte) (*Message, error) {
	m := &Message{Kind: Kind(data[1]), Serial: binary.LittleEndian.Uint32(data[8:])}
	d := decoder{data: data, at: HeadSize - 4}
	fields, err := d.value("a(yv)")
	if err != nil {
		return nil, err
	}
	signature := ""
	for _, f := range fields.List {
		v := f.List[1].List[0]
		switch f.List[0].Num {
		case fieldPath:
			m.Path = v.Text
		case fieldInterface:
			m.Interface = v.Text
		case fieldMember:
			m.Member = v.Text
		case fieldErrorName:
			m.ErrorName = v.Text
		case fieldReplySerial:
			m.ReplySerial = uint32(v.Num)
		case fieldDestination:
			m.Destination = v.Text
		case fieldSender:
			m.Sender = v.Text
		case fieldSignature:
			signature = v.Text
		}
	}
	if err := d.align(8); err != nil {
		return nil, err
	}
	m.Body, err = d.values(signature)
	return m, err
}

// Text is the body's argument i, if it is a text; "" otherwise.
func (m *Message) Text(i int) string {
	if i >= len(m.Body) {
		return ""
	}
	return m.Body[i].Text
}
