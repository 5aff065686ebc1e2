package box

import (
	"io"

	"github.com/keg-project/keg/container"
)

// explain prints the plan: the command never runs.
func explain(o container.Options, stdout io.Writer) error {
	p, err := container.Explain(o)
	if err != nil {
		return err
	}
	return p.WriteText(stdout, false)
}
