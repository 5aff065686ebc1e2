package box

import (
	"errors"

	"github.com/keg-project/keg/container"
)

// errNoText: package plan cannot print a plan yet. Explain must never run the
// command instead.
var errNoText = errors.New("--explain: plans cannot be printed yet")

func explain(o container.Options) error {
	if _, err := container.Explain(o); err != nil {
		return err
	}
	return errNoText
}
