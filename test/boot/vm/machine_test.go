// Package vm boots machines whose first process is keg, in qemu.
package vm

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// need skips what takes a minute, unless it is asked for.
func need(t *testing.T) {
	t.Helper()
	if os.Getenv("KEG_BOOT") == "" {
		t.Skip("KEG_BOOT=1 boots machines")
	}
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		kegtest.Skip(t, "no qemu-system-x86_64: run test/setup kernel")
	}
}

// machine is one that can be booted.
type machine struct {
	t *testing.T
	initramfs
	kernel kernel
	append string   // to the kernel's command line
	qemu   []string // more of its arguments
	prompt string   // when it is on the console
	input  string   // this is typed there
}

// newMachine has keg as /init, and busybox.
func newMachine(t *testing.T) *machine {
	t.Helper()
	need(t)
	m := &machine{t: t, kernel: findKernel(t)}
	m.copy("/init", kegtest.Keg(t))
	return m
}

func (m *machine) copy(name, from string) {
	m.t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		m.t.Fatal(err)
	}
	m.file(name, 0o755, data)
}

// busybox puts it into the machine's root.
func (m *machine) busybox() {
	path, err := exec.LookPath("busybox")
	if err != nil {
		kegtest.Skip(m.t, "no busybox: run test/setup")
	}
	m.copy("/bin/busybox", path)
	for _, name := range strings.Fields("sh cat ls mount umount sleep kill ip echo hostname mkdir ps stat readlink uname wc true false grep dd mkfs.ext2 sync setsid nproc date sed cp ln reboot") {
		m.link("/bin/"+name, "busybox")
	}
}

// limit is for one machine, which takes some seconds unless it hangs.
const limit = 5 * time.Minute

// boot runs the machine until it powers itself off, and returns what it has
// said on its console.
func (m *machine) boot() console {
	m.t.Helper()
	dir := kegtest.TempDir(m.t)
	m.write(m.t, filepath.Join(dir, "initramfs"))
	ctx, cancel := context.WithTimeout(m.t.Context(), limit)
	defer cancel()
	args := append([]string{"-M", "pc,usb=off", "-accel", "tcg,thread=multi", "-cpu", "max,cx16=off,la57=off", "-smp", "2", "-m", "512",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
		"-kernel", m.kernel.image, "-initrd", filepath.Join(dir, "initramfs"),
		"-append", "console=ttyS0 quiet panic=-1 reboot=t mitigations=off nokaslr no_timer_check random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1 " + m.append,
	}, m.qemu...)
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", args...)
	var problems bytes.Buffer
	keyboard, err := cmd.StdinPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	out := typist{prompt: m.prompt, input: m.input, keyboard: keyboard}
	cmd.Stdout, cmd.Stderr = &out, &problems
	begin := time.Now()
	err = cmd.Run()
	c := console{m.t, strings.ReplaceAll(out.seen.String(), "\r", "")}
	if ctx.Err() != nil {
		m.t.Errorf("not powered off after %v", limit)
	} else if err != nil {
		m.t.Errorf("qemu: %v\n%s", err, problems.String())
	}
	m.t.Logf("the machine ran for %v", time.Since(begin).Round(100*time.Millisecond))
	m.t.Cleanup(func() {
		if m.t.Failed() {
			m.t.Logf("console:\n%s", c.text)
		}
	})
	return c
}

// typist keeps what the machine says, and answers once.
type typist struct {
	prompt   string // upon this
	input    string
	keyboard io.Writer
	seen     bytes.Buffer
	typed    bool
}

func (w *typist) Write(p []byte) (int, error) {
	w.seen.Write(p)
	if w.prompt != "" && !w.typed && strings.Contains(w.seen.String(), w.prompt) {
		w.typed = true
		io.WriteString(w.keyboard, w.input)
	}
	return len(p), nil
}

// disk gives the machine a small one.
func (m *machine) disk() disk {
	m.t.Helper()
	d := disk{m.t, filepath.Join(kegtest.TempDir(m.t), "disk")}
	if err := os.WriteFile(d.file, make([]byte, 8<<20), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.qemu = append(m.qemu, "-drive", "if=none,id=disk,format=raw,file="+d.file, "-device", "virtio-blk-pci,drive=disk")
	return d
}

type disk struct {
	t    *testing.T
	file string
}

// clean tells by the superblock whether its file system was unmounted: s_state
// is EXT2_VALID_FS.
func (d disk) clean() {
	d.t.Helper()
	data, err := os.ReadFile(d.file)
	if err != nil {
		d.t.Fatal(err)
	}
	const super = 1024
	if magic := data[super+0x38 : super+0x3a]; magic[0] != 0x53 || magic[1] != 0xef {
		d.t.Errorf("no file system on the disk: magic %x", magic)
	}
	if state := data[super+0x3a]; state != 1 {
		d.t.Errorf("the disk was not unmounted: state %d", state)
	}
}

// console is what a machine has said.
type console struct {
	t    *testing.T
	text string
}

// wants looks for lines, by regular expressions, in this order.
func (c console) wants(lines ...string) {
	c.t.Helper()
	rest := c.text
	for _, line := range lines {
		at := regexp.MustCompile("(?m)" + line).FindStringIndex(rest)
		if at == nil {
			c.t.Errorf("not on the console, or not in this order: %s", line)
			continue
		}
		rest = rest[at[1]:]
	}
}

func (c console) lacks(lines ...string) {
	c.t.Helper()
	for _, line := range lines {
		if found := regexp.MustCompile("(?m)^.*(?:" + line + ").*$").FindString(c.text); found != "" {
			c.t.Errorf("on the console: %s", found)
		}
	}
}
