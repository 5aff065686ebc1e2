package modules

// match tells whether an alias is one of those that a pattern means: with * for
// any text, ? for any byte, and [a-f] or [!a-f] for one of some. fnmatch(3)
func match(pattern, alias string) bool {
	p, a := 0, 0
	star, tried := -1, 0 // the last *, and where what it does not cover was tried to begin
	for a < len(alias) {
		if p < len(pattern) && pattern[p] == '*' {
			star, tried = p, a
			p++
			continue
		}
		if n := matchOne(pattern[p:], alias[a]); n > 0 {
			p += n
			a++
			continue
		}
		if star < 0 {
			return false
		}
		tried++
		p, a = star+1, tried
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne returns the length of the pattern's first element if the byte is
// what it means, else 0.
func matchOne(pattern string, b byte) int {
	switch {
	case pattern == "":
		return 0
	case pattern[0] == '?':
		return 1
	case pattern[0] == '[':
		if n, in := set(pattern, b); n > 0 {
			if in {
				return n
			}
			return 0
		}
	}
	if same(pattern[0], b) {
		return 1
	}
	return 0
}

// set reads [a-f] and tells its length, and whether b is in it. Its length is 0
// if it does not end.
func set(pattern string, b byte) (n int, in bool) {
	i, not := 1, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		not = true
		i++
	}
	for first := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > first {
			return i + 1, in != not
		}
		from, to := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			to = pattern[i+2]
			i += 2
		}
		in = in || from <= b && b <= to
	}
	return 0, false
}

// same: in names of modules and in aliases - and _ are one.
func same(a, b byte) bool { return underscore(a) == underscore(b) }

func underscore(b byte) byte {
	if b == '-' {
		return '_'
	}
	return b
}
