package spec

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/jsonscan"
)

// Decode reads a config.json. The error is Violations where values have the
// wrong type, *jsonscan.SyntaxError where the text is not JSON. Properties
// that the specification does not know, or knows for other platforms only, are
// ignored (config.md#extensibility). What the values mean is for Validate.
func Decode(data []byte) (*oci.Spec, error) {
	s := jsonscan.New(data)
	v := new(oci.Spec)
	decodeSpec(s, v)
	if err := closeScan(s); err != nil {
		return nil, err
	}
	return v, nil
}

// DecodeProcess reads a process as `exec --process` is given it.
func DecodeProcess(data []byte) (*oci.Process, error) {
	s := jsonscan.New(data)
	v := new(oci.Process)
	decodeProcess(s, v)
	return v, closeScan(s)
}

// DecodeResources reads resources as `update --resources` is given them.
func DecodeResources(data []byte) (*oci.LinuxResources, error) {
	s := jsonscan.New(data)
	v := new(oci.LinuxResources)
	decodeLinuxResources(s, v)
	if err := closeScan(s); err != nil {
		return nil, err
	}
	return v, nil
}

// ScanResources reads resources that are part of a text which is not the
// specification's.
func ScanResources(s *jsonscan.Scanner, v *oci.LinuxResources) { decodeLinuxResources(s, v) }

func closeScan(s *jsonscan.Scanner) error {
	mismatches, err := s.Close()
	if err != nil || len(mismatches) == 0 {
		return err
	}
	list := make(Violations, len(mismatches))
	for i, m := range mismatches {
		list[i] = Violation(m)
	}
	return list
}
