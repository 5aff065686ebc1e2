package spec

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

func TestDefault(t *testing.T) {
	for _, rootless := range []bool{false, true} {
		for _, v2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("rootless=%v,v2=%v", rootless, v2), func(t *testing.T) {
				s := Default(rootless, 1000, 1001, v2)
				if err := Validate(s); err != nil {
					t.Error(err)
				}
				var text bytes.Buffer
				if err := Write(&text, s); err != nil {
					t.Fatal(err)
				}
				back, err := Decode(text.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(back, s) {
					t.Errorf("written and read again it is another:\n%s", text.Bytes())
				}
			})
		}
	}
}
