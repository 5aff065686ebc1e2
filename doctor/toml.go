package doctor

import (
	"strings"
)

// setting is a line of a TOML file: the names of its table and its own, and the
// text of its value.
type setting struct {
	key   []string
	value string
}

// parseTOML reads as much of TOML as the engines' configurations are written in:
// tables, dotted keys, strings and arrays of them, also over several lines.
// Arrays of tables and strings over several lines are passed over.
func parseTOML(text string) []setting {
	var list []setting
	var table []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(uncomment(lines[i]))
		if header, ok := strings.CutPrefix(line, "["); ok {
			table = dotted(strings.Trim(header, "[] \t"))
			continue
		}
		key, value, ok := cutUnquoted(line, '=')
		if !ok {
			continue
		}
		for unclosed(value) && i+1 < len(lines) {
			i++
			value += " " + uncomment(lines[i])
		}
		list = append(list, setting{append(append([]string(nil), table...), dotted(key)...), strings.TrimSpace(value)})
	}
	return list
}

// cutUnquoted cuts at the first such byte outside of quotes.
func cutUnquoted(s string, at byte) (before, after string, found bool) {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\' && quote == '"':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == at:
			return s[:i], s[i+1:], true
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return s, "", false
}

func uncomment(line string) string {
	line, _, _ = cutUnquoted(line, '#')
	return line
}

// unclosed tells whether an array goes on in the next line.
func unclosed(value string) bool {
	depth := 0
	for rest := value; ; {
		before, after, found := cutUnquoted(rest, '[')
		depth -= closing(before)
		if !found {
			return depth > 0
		}
		depth++
		rest = after
	}
}

func closing(s string) int {
	n := 0
	for {
		_, after, found := cutUnquoted(s, ']')
		if !found {
			return n
		}
		n++
		s = after
	}
}

// dotted splits a key at the dots outside of quotes.
func dotted(key string) []string {
	var parts []string
	for {
		before, after, found := cutUnquoted(key, '.')
		parts = append(parts, unquoted(before))
		if !found {
			return parts
		}
		key = after
	}
}

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }

// words are the strings in a value: one, or those of an array.
func words(value string) []string {
	var list []string
	for rest := strings.Trim(strings.TrimSpace(value), "[]"); rest != ""; {
		before, after, _ := cutUnquoted(rest, ',')
		if w := unquoted(before); w != "" {
			list = append(list, w)
		}
		rest = after
	}
	return list
}

// lookup is the last value of a key; "" if it has none.
func lookup(list []setting, key ...string) string {
	value := ""
	for _, s := range list {
		if strings.Join(s.key, "\x00") == strings.Join(key, "\x00") {
			value = unquoted(s.value)
		}
	}
	return value
}

// under collects a setting of all tables below one, by the tables' names:
// name of [TABLE.*.REST] for `under(list, TABLE, REST)`.
func under(list []setting, table, rest []string) map[string]string {
	found := map[string]string{}
	for _, s := range list {
		n := len(table)
		if len(s.key) == n+1+len(rest) && equal(s.key[:n], table) && equal(s.key[n+1:], rest) {
			if w := words(s.value); len(w) > 0 {
				found[s.key[n]] = w[0]
			}
		}
	}
	return found
}

func equal(a, b []string) bool { return strings.Join(a, "\x00") == strings.Join(b, "\x00") }
