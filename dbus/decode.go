package dbus

import (
	"encoding/binary"
	"errors"
)

var errShort = errors.New("D-Bus message ends within a value")

// decoder reads values from a message. What a length says is never believed:
// it is cut from what is there.
type decoder struct {
	data []byte
	at   int
	deep int
}

func (d *decoder) take(n int) ([]byte, error) {
	if n < 0 || n > len(d.data)-d.at {
		return nil, errShort
	}
	d.at += n
	return d.data[d.at-n : d.at], nil
}

func (d *decoder) align(to int) error {
	_, err := d.take((to - d.at%to) % to)
	return err
}

// values reads one value for each type of the signature.
func (d *decoder) values(sig string) (list []Value, err error) {
	for sig != "" {
		var first string
		if first, sig, err = next(sig); err != nil {
			return nil, err
		}
		v, err := d.value(first)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (d *decoder) value(t string) (v Value, err error) {
	v.Type = t
	if d.deep++; d.deep > maxDepth {
		return v, errSignature
	}
	defer func() { d.deep-- }()
	if err := d.align(alignment(t[0])); err != nil {
		return v, err
	}
	switch t[0] {
	case 's', 'o':
		n, err := d.uint32()
		if err != nil {
			return v, err
		}
		v.Text, err = d.text(n)
		return v, err
	case 'g':
		v.Text, err = d.signature()
	case 'v':
		err = d.variant(&v)
	case 'a':
		err = d.array(&v)
	case '(', '{':
		v.List, err = d.values(t[1 : len(t)-1])
	default:
		v.Num, err = d.number(t[0])
	}
	return v, err
}

func (d *decoder) number(t byte) (uint64, error) {
	b, err := d.take(size(t))
	if err != nil {
		return 0, err
	}
	switch len(b) {
	case 1:
		return uint64(b[0]), nil
	case 2:
		n := binary.LittleEndian.Uint16(b)
		if t == 'n' {
			return uint64(int16(n)), nil
		}
		return uint64(n), nil
	case 4:
		n := binary.LittleEndian.Uint32(b)
		if t == 'i' {
			return uint64(int32(n)), nil
		}
		return uint64(n), nil
	}
	return binary.LittleEndian.Uint64(b), nil
}

func (d *decoder) uint32() (int, error) {
	n, err := d.number('u')
	return int(n), err
}

// text has a NUL behind it, which its length does not count.
func (d *decoder) text(n int) (string, error) {
	b, err := d.take(n)
	if err != nil {
		return "", err
	}
	_, err = d.take(1)
	return string(b), err
}

func (d *decoder) signature() (string, error) {
	n, err := d.number('y')
	if err != nil {
		return "", err
	}
	return d.text(int(n))
}

func (d *decoder) variant(v *Value) error {
	sig, err := d.signature()
	if err != nil {
		return err
	}
	if _, rest, err := next(sig); err != nil || rest != "" {
		return errSignature
	}
	v.List, err = d.values(sig)
	return err
}

func (d *decoder) array(v *Value) error {
	n, err := d.uint32()
	if err != nil {
		return err
	}
	if err := d.align(alignment(v.Type[1])); err != nil {
		return err
	}
	if n > len(d.data)-d.at {
		return errShort
	}
	// An element may be of no bytes only where there is none: each takes one at least.
	for end := d.at + n; d.at < end; {
		e, err := d.value(v.Type[1:])
		if err != nil {
			return err
		}
		v.List = append(v.List, e)
	}
	return nil
}
