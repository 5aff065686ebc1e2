package box

import (
	"os"
	"path/filepath"
)

// etc is what programs need to name users and the machine itself.
var etc = map[string]string{
	"passwd": "root:x:0:0:root:/root:/bin/sh\n" +
		"nobody:x:65534:65534:nobody:/:/bin/false\n",
	"group":   "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
	"hosts":   "127.0.0.1\tlocalhost keg\n::1\tlocalhost keg\n",
	"profile": "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nexport PS1='\\u@\\h:\\w\\$ '\n",
	// Empty: --net host binds the machine's own above it, and a mount needs a
	// file to lie on.
	"resolv.conf": "",
}

func writeEtc(dir string) error {
	for name, text := range etc {
		path := filepath.Join(dir, "etc", name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o644); err != nil {
			return err
		}
	}
	return nil
}
