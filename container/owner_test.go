package container

import "testing"

func TestPasswdName(t *testing.T) {
	const text = "root:x:0:0:root:/root:/bin/sh\nshort:x:7\n# 7:x:7:\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1000:1::/:/bin/sh\nlast:x:100:1"
	for uid, want := range map[string]string{"0": "root", "7": "# 7", "1000": "ann", "100": "last", "1": "", "": ""} {
		if got := passwdName([]byte(text), uid); got != want {
			t.Errorf("%s: %q, want %q", uid, got, want)
		}
	}
	if got := ownerName(0); got != "root" {
		t.Errorf("root: %q", got)
	}
}
