package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Text is the value as a person reads it.
func (p Property) Text() string {
	switch v := p.Value.(type) {
	case string:
		return strconv.Quote(v)
	case uint64:
		if v == math.MaxUint64 {
			return "infinity" // as systemd reads it in limits
		}
	case []string:
		return list(v, strconv.Quote)
	case []Node:
		return list(v, func(n Node) string { return fmt.Sprintf("(%q, %q)", n.Path, n.Access) })
	case []byte:
		return list(v, func(b byte) string { return strconv.Itoa(int(b)) })
	}
	return fmt.Sprint(p.Value)
}

func list[T any](values []T, text func(T) string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = text(v)
	}
	return "[" + strings.Join(words, ", ") + "]"
}
