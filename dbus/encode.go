package dbus

import "encoding/binary"

// appendValue appends v. Alignment counts from the beginning of b.
func appendValue(b []byte, v Value) []byte {
	b = pad(b, alignment(v.Type[0]))
	switch v.Type[0] {
	case 's', 'o':
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v.Text)))
		return append(append(b, v.Text...), 0)
	case 'g':
		return appendSignature(b, v.Text)
	case 'v':
		return appendValue(appendSignature(b, v.List[0].Type), v.List[0])
	case 'a':
		return appendArray(b, v)
	case '(', '{':
		return appendAll(b, v.List)
	}
	var number [8]byte
	binary.LittleEndian.PutUint64(number[:], v.Num)
	return append(b, number[:size(v.Type[0])]...)
}

func appendAll(b []byte, list []Value) []byte {
	for _, v := range list {
		b = appendValue(b, v)
	}
	return b
}

func appendSignature(b []byte, sig string) []byte {
	return append(append(append(b, byte(len(sig))), sig...), 0)
}

// appendArray: the length is that of the elements, without the padding before
// the first of them.
func appendArray(b []byte, v Value) []byte {
	at := len(b)
	b = pad(append(b, 0, 0, 0, 0), alignment(v.Type[1]))
	first := len(b)
	b = appendAll(b, v.List)
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-first))
	return b
}

func pad(b []byte, to int) []byte {
	for len(b)%to != 0 {
		b = append(b, 0)
	}
	return b
}
