package pid1

import (
	"slices"
	"testing"
	"time"
)

func TestParseCmdline(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"quiet console=ttyS0  a=b\n", []string{"quiet", "console=ttyS0", "a=b"}},
		{`dyndbg="file x +p" "two words" b`, []string{"dyndbg=file x +p", "two words", "b"}},
		{"a -- b c", []string{"a"}},
		{`a="" ""`, []string{"a=", ""}},
		{"", nil},
		{`open="never closed `, []string{"open=never closed "}},
	}
	for _, tt := range tests {
		if got := parseCmdline(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestCmdlineValue(t *testing.T) {
	c := parseCmdline("keg.grace=1 keg.rescue=x keg.grace=20 keg.root -- keg.grace=3")
	if v, ok := c.value("keg.grace"); v != "20" || !ok {
		t.Errorf("the last one is %q, %v", v, ok)
	}
	if v, ok := c.value("keg.root"); v != "" || !ok {
		t.Errorf("without a value: %q, %v", v, ok)
	}
	if _, ok := c.value("keg"); ok {
		t.Error("a part of a name is none")
	}
	for name, want := range map[string]time.Duration{"keg.grace": 20 * time.Second, "keg.rescue": time.Minute, "none": time.Minute} {
		if got := c.seconds(name, time.Minute); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzParseCmdline(f *testing.F) {
	f.Add(`a "b c" -- d`)
	f.Fuzz(func(t *testing.T, text string) {
		if slices.Contains(parseCmdline(text), "--") {
			t.Error("what follows -- is not the kernel's")
		}
	})
}
