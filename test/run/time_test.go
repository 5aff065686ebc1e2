package run

import (
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

const day = 24 * 60 * 60

// uptime is the host's, by the clock that /proc/uptime shows.
func uptime(t *testing.T) float64 {
	t.Helper()
	return seconds(t, read(t, "/proc/uptime"))
}

func seconds(t *testing.T, text string) float64 {
	t.Helper()
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTimeOffsets(t *testing.T) {
	offsets := map[string]oci.LinuxTimeOffset{"boottime": {Secs: 7 * day, Nanosecs: 5}, "monotonic": {Secs: -1, Nanosecs: 500}}
	b := kegtest.NewBundle(t, "sh", "-c", "cut -d' ' -f1 /proc/uptime; cat /proc/self/timens_offsets")
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
	b.Spec.Linux.TimeOffsets = offsets
	up, shown, _ := strings.Cut(b.Output(), "\n")
	if ahead := seconds(t, up) - uptime(t); ahead < 7*day-60 || ahead > 7*day+1 {
		t.Errorf("the container's clock is %f seconds ahead of the host's", ahead)
	}
	if got, want := strings.Join(strings.Fields(shown), " "), "monotonic -1 500 boottime 604800 5"; got != want {
		t.Errorf("offsets %q, want %q", got, want)
	}
}

// Without offsets the clocks are the host's, in a namespace of its own.
func TestTimeWithoutOffsets(t *testing.T) {
	b := kegtest.NewBundle(t, "readlink", "/proc/self/ns/time")
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
	if got := strings.TrimSpace(b.Output()); got == namespaceOf(t, "self", oci.TimeNamespace) {
		t.Errorf("the time namespace %s is the host's", got)
	}
}

func TestJoinedTimeNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	h := holdTime(t, 3*day)
	b := kegtest.NewBundle(t, "sh", "-c", "readlink /proc/self/ns/time; cat /proc/self/timens_offsets")
	join(b, oci.TimeNamespace, h.path(oci.TimeNamespace))
	ns, shown, _ := strings.Cut(b.Output(), "\n")
	if want := readLink(t, h.path(oci.TimeNamespace)); ns != want {
		t.Errorf("%s, want %s", ns, want)
	}
	if got := strings.Join(strings.Fields(shown), " "); !strings.HasPrefix(got, "monotonic 259200 0") {
		t.Errorf("offsets %q", got)
	}
}

// Offsets that would set a clock before its zero.
func TestTimeOffsetOutOfRange(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNamespaces(t, []oci.LinuxNamespaceType{oci.TimeNamespace}, "true")
	b.Spec.Linux.TimeOffsets = map[string]oci.LinuxTimeOffset{"boottime": {Secs: -int64(time.Hour)}}
	want := "keg: linux.timeOffsets: write the time namespace's offsets: write: numerical result out of range" +
		" (hint: a clock can be set neither before its zero nor more than 146 years ahead)\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}
