// Package apart is where engines without a daemon are tried: in a mount and a
// network namespace of the test's own, with storage and configuration of the
// test's own, as root or as the ordinary user that test/setup makes.
//
// It knows no scenario and calls no engine itself.
package apart

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// Place is where one engine runs with one runtime.
type Place struct {
	Dir     string // for all that the engine and its user write
	Account Account
	Runtime engines.Runtime
	Systemd bool // makes the cgroups
	V2      bool // cgroup v2 alone

	holder int // a process in the namespaces
	groups string
}

// begin covers what belongs to the machine: other engines' locks, and the state
// of other tests' containers. With systemd, whose sockets are in /run, that stays.
const begin = `mount -t tmpfs -o mode=1777 tmpfs /dev/shm
[ -d /run/systemd/system ] || mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
echo ready
exec cat`

// New makes the namespaces, which last until the test's end.
func New(t testing.TB, account Account, r engines.Runtime) *Place {
	t.Helper()
	return open(t, &Place{Account: account, Runtime: r, Systemd: exists("/run/systemd/system")})
}

// Cgroupfs is root's place in which the engine makes the cgroups, also where systemd would.
func Cgroupfs(t testing.TB, r engines.Runtime) *Place {
	t.Helper()
	return open(t, &Place{Account: Root, Runtime: r})
}

func open(t testing.TB, p *Place) *Place {
	t.Helper()
	p.Dir = kegtest.TempDir(t)
	p.V2 = exists("/sys/fs/cgroup/cgroup.controllers")
	cmd := exec.Command("unshare", "--mount", "--net", "--propagation", "private", "sh", "-ec", begin)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	p.holder = cmd.Process.Pid
	t.Cleanup(func() {
		in.Close() // cat's end, also if the test is killed
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the namespaces could not be made: %v", err)
	}
	p.prepare(t)
	t.Cleanup(func() { p.checkLeft(t) })
	return p
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// InGroups is the same place, whose user is in these groups instead of its own.
func (p *Place) InGroups(gids ...int) *Place {
	q := *p
	var words []string
	for _, g := range gids {
		words = append(words, strconv.Itoa(g))
	}
	q.groups = strings.Join(words, ",")
	return &q
}

// Command is a command of the account's, in the place.
func (p *Place) Command(name string, args ...string) *exec.Cmd {
	words := []string{"--target", strconv.Itoa(p.holder), "--mount", "--net", "--"}
	if p.Account.Rootless() {
		groups := []string{"--init-groups"}
		if p.groups != "" {
			groups = []string{"--groups", p.groups}
		}
		words = append(words, "setpriv", "--reuid", strconv.Itoa(p.Account.UID), "--regid", strconv.Itoa(p.Account.GID), "--inh-caps=-all")
		words = append(append(words, groups...), "--")
	}
	// conmon writes into the working directory of who calls it.
	words = append(append(words, "env", "--chdir", p.Path("tmp"), name), args...)
	cmd := exec.Command("nsenter", words...)
	cmd.Dir, cmd.Env = "/", p.env()
	return cmd
}

// Do runs a command to its end.
func (p *Place) Do(t testing.TB, name string, args ...string) kegtest.Result {
	t.Helper()
	return kegtest.Finish(t, p.Command(name, args...))
}

// Input runs a command with text on its standard input.
func (p *Place) Input(t testing.TB, text, name string, args ...string) kegtest.Result {
	t.Helper()
	cmd := p.Command(name, args...)
	cmd.Stdin = strings.NewReader(text)
	return kegtest.Finish(t, cmd)
}

// Path is a file's path in the account's directory.
func (p *Place) Path(name string) string { return filepath.Join(p.Dir, name) }

// Write makes a file of the account's.
func (p *Place) Write(t testing.TB, name, text string) string {
	t.Helper()
	path := p.Path(name)
	p.Mkdir(t, filepath.Dir(name))
	must(t, os.WriteFile(path, []byte(text), 0o644))
	must(t, os.Chown(path, p.Account.UID, p.Account.GID))
	return path
}

// Mkdir makes a directory of the account's, and those above it.
func (p *Place) Mkdir(t testing.TB, name string) string {
	t.Helper()
	made := p.Dir
	for part := range strings.SplitSeq(filepath.Clean(name), "/") {
		made = filepath.Join(made, part)
		if err := os.Mkdir(made, 0o755); err == nil {
			must(t, os.Chown(made, p.Account.UID, p.Account.GID))
		} else if !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	return made
}

// Namespace is the place's namespace of a kind, as a process in it sees it.
func (p *Place) Namespace(t testing.TB, kind string) string {
	t.Helper()
	link, err := os.Readlink("/proc/" + strconv.Itoa(p.holder) + "/ns/" + kind)
	must(t, err)
	return link
}

// inside is a path as the place's mount namespace has it.
func (p *Place) inside(path string) string {
	return filepath.Join("/proc", strconv.Itoa(p.holder), "root", path)
}

// Archive writes the busybox root, of which images are made, as a tar file.
func (p *Place) Archive(t testing.TB) string {
	t.Helper()
	root := filepath.Join(kegtest.TempDir(t), "root")
	kegtest.Populate(t, root)
	path := p.Path("root.tar")
	if r := kegtest.Finish(t, exec.Command("tar", "--numeric-owner", "--owner=0", "--group=0", "-C", root, "-cf", path, ".")); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	return path
}

// Program puts a helper program, built from its source, where containers can
// have it as a volume.
func (p *Place) Program(t testing.TB, source string) string {
	t.Helper()
	text, err := kegtest.Program(source)
	must(t, err)
	path := p.Write(t, "programs/"+strings.TrimSuffix(filepath.Base(source), ".go"), string(text))
	must(t, os.Chmod(path, 0o755))
	return path
}

// Finish runs a command to its end.
func (p *Place) Finish(t testing.TB, cmd *exec.Cmd) kegtest.Result {
	t.Helper()
	return kegtest.Finish(t, cmd)
}
