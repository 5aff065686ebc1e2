package plan

// named is a number that the specification gives a name.
type named struct {
	name  string
	value uint64
}

func number(table []named, name string) uint64 {
	for _, n := range table {
		if n.name == name {
			return n.value
		}
	}
	return 0
}
