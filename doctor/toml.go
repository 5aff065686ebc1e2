package doctor

import (
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2"
)

// decodeTOML reads what into has fields for, and says where a file is no TOML:
// the engine will not start with it either.
func decodeTOML(file, content string, into any) error {
	err := toml.Unmarshal([]byte(content), into)
	if wrong := (*toml.DecodeError)(nil); errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return fmt.Errorf("%s:%d: %w", file, line, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
