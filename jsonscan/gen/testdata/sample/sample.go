// Package sample has a field of every kind that gen supports; decodeSample is
// not there when gen reads it.
package sample

import "time"

type Kind string

type inner struct {
	Deep []map[string][]*int16 `json:"deep"`
}

type Common struct {
	ID uint8 `json:"id"`
}

type Sample struct {
	Common
	Name    Kind `json:"name,omitempty"`
	Plain   bool
	Private int              `json:"-"`
	Other   string           `json:"other" platform:"plan9"`
	When    time.Time        `json:"when"`
	Whens   []*time.Time     `json:"whens"`
	Inner   *inner           `json:"inner"`
	ByName  map[string]inner `json:"byName"`
	hidden  int
}

func use() { var s Sample; decodeSample(nil, &s); _ = s.hidden }
