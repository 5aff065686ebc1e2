// Package service tests `keg boot services` and those that ask it, by what a
// machine that is made of containers sees of it: with directories of its own.
package service

import (
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }
