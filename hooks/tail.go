package hooks

import "strconv"

// tailSize is how much of a hook's output an error shows: the end of it, where
// the reason stands.
const tailSize = 4096

// tail keeps the last bytes of an output.
type tail struct {
	kept []byte
	cut  bool
}

func (t *tail) add(p []byte) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept, t.cut = append(t.kept[:0], t.kept[over:]...), true
	}
}

// said is the end of an error. It is quoted: what a container's program prints
// must not act on a terminal, nor look like a line of keg's log.
func (t *tail) said() string {
	text := string(t.kept)
	for text != "" && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	switch {
	case text == "":
		return ""
	case t.cut:
		return "; the end of its output: " + strconv.Quote(text)
	}
	return "; it printed " + strconv.Quote(text)
}
