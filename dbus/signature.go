package dbus

import "errors"

var errSignature = errors.New("not a D-Bus signature")

// maxDepth of nested types. D-Bus specification, "Valid Signatures": 32 of
// arrays and 32 of structures.
const maxDepth = 64

// next cuts the first complete type off a signature.
func next(sig string) (first, rest string, err error) {
	n, err := typeLength(sig, 0)
	if err != nil {
		return "", "", err
	}
	return sig[:n], sig[n:], nil
}

func typeLength(sig string, depth int) (int, error) {
	if sig == "" || depth > maxDepth {
		return 0, errSignature
	}
	switch sig[0] {
	case 'y', 'b', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o', 'g', 'v', 'h':
		return 1, nil
	case 'a':
		n, err := typeLength(sig[1:], depth+1)
		return n + 1, err
	case '(':
		return fieldsLength(sig, ')', depth)
	case '{':
		return fieldsLength(sig, '}', depth)
	}
	return 0, errSignature
}

func fieldsLength(sig string, end byte, depth int) (int, error) {
	n := 1
	for n < len(sig) && sig[n] != end {
		field, err := typeLength(sig[n:], depth+1)
		if err != nil {
			return 0, err
		}
		n += field
	}
	if n == len(sig) || n == 1 {
		return 0, errSignature
	}
	return n + 1, nil
}

// alignment of a type's first byte. D-Bus specification, "Marshaling"
func alignment(t byte) int {
	switch t {
	case 'n', 'q':
		return 2
	case 'b', 'i', 'u', 'h', 's', 'o', 'a':
		return 4
	case 'x', 't', 'd', '(', '{':
		return 8
	}
	return 1
}

// size of a type that is a number; 0 for others.
func size(t byte) int {
	switch t {
	case 'y':
		return 1
	case 'n', 'q', 'b', 'i', 'u', 'h', 'x', 't', 'd':
		return alignment(t)
	}
	return 0
}

// ValidType tells whether a signature is that of one value.
func ValidType(sig string) bool {
	_, rest, err := next(sig)
	return err == nil && rest == ""
}

// Fields are the types of a structure's fields; none of the type "".
func Fields(sig string) (list []string, err error) {
	if sig == "" {
		return nil, nil
	}
	if sig[0] != '(' || !ValidType(sig) {
		return nil, errSignature
	}
	for rest := sig[1 : len(sig)-1]; rest != ""; {
		var first string
		if first, rest, err = next(rest); err != nil {
			return nil, err
		}
		list = append(list, first)
	}
	return list, nil
}
