package main

import (
	"bytes"
	"fmt"
	"go/types"
)

// walk writes the method that shows every string in a struct to the checker:
// written by hand it would miss the field that the next version adds.
func (w *writer) walk(out *bytes.Buffer, s structure) {
	if !w.hasStrings(s.named, nil) {
		return
	}
	fmt.Fprintf(out, "\nfunc (c *checker) strings%s(p *path, v *%s) {\n", title(s.name()), w.typeName(s.named))
	for _, f := range s.fields {
		if w.hasStrings(f.typ, nil) {
			fmt.Fprintf(out, "{\nf := p.field(%q)\n", f.key)
			w.walkValue(out, f.typ, "v."+f.path, "f")
			fmt.Fprintf(out, "}\n")
		}
	}
	fmt.Fprintf(out, "}\n")
}

// walkValue writes the statements for a value of type t, whose path is in the
// variable at.
func (w *writer) walkValue(out *bytes.Buffer, t types.Type, value, at string) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		fmt.Fprintf(out, "c.text(&%s, string(%s))\n", at, value)
	case *types.Pointer:
		fmt.Fprintf(out, "if %s != nil {\n", value)
		if _, ok := u.Elem().Underlying().(*types.Struct); ok {
			fmt.Fprintf(out, "c.strings%s(&%s, %s)\n", title(u.Elem().(*types.Named).Obj().Name()), at, value)
		} else {
			w.walkValue(out, u.Elem(), "(*"+value+")", at)
		}
		fmt.Fprintf(out, "}\n")
	case *types.Slice:
		fmt.Fprintf(out, "for i := range %s {\ne := %s.at(i)\n", value, at)
		w.walkValue(out, u.Elem(), value+"[i]", "e")
		fmt.Fprintf(out, "}\n")
	case *types.Map:
		fmt.Fprintf(out, "for _, k := range sortedKeys(%s) {\ne := %s.key(k)\nc.text(&e, k)\n", value, at)
		if w.hasStrings(u.Elem(), nil) {
			fmt.Fprintf(out, "x := %s[k]\n", value)
			w.walkValue(out, u.Elem(), "x", "e")
		}
		fmt.Fprintf(out, "}\n")
	case *types.Struct:
		fmt.Fprintf(out, "c.strings%s(&%s, &%s)\n", title(t.(*types.Named).Obj().Name()), at, value)
	}
}

// hasStrings reports whether there is a string in a t; outer are the structs
// that are being looked into.
func (w *writer) hasStrings(t types.Type, outer []types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.String
	case *types.Pointer:
		return w.hasStrings(u.Elem(), outer)
	case *types.Slice:
		return w.hasStrings(u.Elem(), outer)
	case *types.Map:
		return true
	case *types.Struct:
		for _, o := range outer {
			if types.Identical(o, t) {
				return false
			}
		}
		for _, s := range w.structs {
			if types.Identical(s.named, t) {
				return w.anyStrings(s.fields, append(outer, t))
			}
		}
	}
	return false
}

func (w *writer) anyStrings(fields []field, outer []types.Type) bool {
	for _, f := range fields {
		if w.hasStrings(f.typ, outer) {
			return true
		}
	}
	return false
}
