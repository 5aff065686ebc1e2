package launch

import (
	"errors"
	"os"
)

func copyUp(from, to *os.File) error { return errors.New("tmpcopyup: not yet") }
