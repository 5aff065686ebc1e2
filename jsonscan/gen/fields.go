package main

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// field is one that encoding/json would fill.
type field struct {
	path string // the Go selector; embedded structs do not show in it
	key  string
	typ  types.Type
}

// fields lists a struct's fields in their order.
func (w *writer) fields(named *types.Named) ([]field, error) {
	var list []field
	st := named.Underlying().(*types.Struct)
	for i := range st.NumFields() {
		f := st.Field(i)
		tag := reflect.StructTag(st.Tag(i))
		key, _, _ := strings.Cut(tag.Get("json"), ",")
		switch {
		case key == "-" || w.elsewhere(tag):
			continue
		case f.Embedded() && key == "":
			inner, err := w.embedded(f)
			if err != nil {
				return nil, err
			}
			list = append(list, inner...)
			continue
		case !f.Exported():
			continue
		case key == "":
			key = f.Name()
		}
		list = append(list, field{f.Name(), key, f.Type()})
	}
	return list, unambiguous(named, list)
}

// elsewhere reports whether a field is for other platforms only.
func (w *writer) elsewhere(tag reflect.StructTag) bool {
	platforms := tag.Get("platform")
	return w.platform != "" && platforms != "" &&
		!slices.Contains(strings.Split(platforms, ","), w.platform)
}

func (w *writer) embedded(f *types.Var) ([]field, error) {
	named, ok := f.Type().(*types.Named)
	if _, isStruct := f.Type().Underlying().(*types.Struct); !ok || !isStruct {
		return nil, fmt.Errorf("%s: only structs can be embedded", f.Name())
	}
	return w.fields(named)
}

// unambiguous refuses what encoding/json settles by rules that nobody knows by
// heart: two fields for one key.
func unambiguous(named *types.Named, list []field) error {
	for i, a := range list {
		for _, b := range list[:i] {
			if strings.EqualFold(a.key, b.key) {
				return fmt.Errorf("%s: two fields for the key %q", named.Obj().Name(), a.key)
			}
		}
	}
	return nil
}

// isText reports whether *t implements encoding.TextUnmarshaler.
func isText(t types.Type) bool {
	named, ok := t.(*types.Named)
	if !ok {
		return false
	}
	method, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, nil, "UnmarshalText")
	_, isFunc := method.(*types.Func)
	return isFunc
}
