package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// setPayloadSize writes into an .rpm how large its archive is. The library puts
// the sum of the files there, at which rpm2cpio fails once it has unpacked all.
// No digest and no signature covers the field.
//
// The format: a lead, two headers of the same form, the archive.
// https://rpm-software-management.github.io/rpm/manual/format_v4.html
func setPayloadSize(rpm []byte) error {
	const lead, payloadSize = 96, 1007
	field, end, err := rpmHeader(rpm, lead, payloadSize)
	if err != nil {
		return err
	}
	if field == nil {
		return errors.New("no payload size in the .rpm")
	}
	_, payload, err := rpmHeader(rpm, (end+7)&^7, 0) // the first header is padded
	if err != nil {
		return err
	}
	r, err := gzip.NewReader(bytes.NewReader(rpm[payload:]))
	if err != nil {
		return fmt.Errorf("the archive in the .rpm: %w", err)
	}
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return fmt.Errorf("the archive in the .rpm: %w", err)
	}
	binary.BigEndian.PutUint32(field, uint32(n))
	return nil
}

// rpmHeader returns where the header at an offset has the 32 bits of a tag, if
// it has it, and where the header ends.
func rpmHeader(rpm []byte, at int, tag uint32) (field []byte, end int, err error) {
	const fixed, entry = 16, 16
	if len(rpm) < at+fixed || !bytes.HasPrefix(rpm[at:], []byte{0x8e, 0xad, 0xe8, 1}) {
		return nil, 0, fmt.Errorf("no header at %d in the .rpm", at)
	}
	entries, size := int(binary.BigEndian.Uint32(rpm[at+8:])), int(binary.BigEndian.Uint32(rpm[at+12:]))
	data := at + fixed + entries*entry
	if end = data + size; end > len(rpm) {
		return nil, 0, fmt.Errorf("the header at %d in the .rpm is cut off", at)
	}
	for i := at + fixed; i < data; i += entry {
		if binary.BigEndian.Uint32(rpm[i:]) == tag {
			field = rpm[data+int(binary.BigEndian.Uint32(rpm[i+8:])) : end]
		}
	}
	return field, end, nil
}
