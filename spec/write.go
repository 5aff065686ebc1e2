package spec

import (
	"encoding/json"
	"io"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Write writes a configuration as a config.json for people to edit. Nothing
// that makes or runs a container calls it: encoding/json costs nothing until
// its first use, and then much.
func Write(w io.Writer, s *oci.Spec) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(s)
}
