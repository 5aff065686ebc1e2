package update

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// expectOpen expects that the rules let the container open a device, which has
// no driver: that is found out after the rules were asked.
func expectOpen(t *testing.T, b *kegtest.Bundle, want bool, when string) {
	t.Helper()
	message := "Operation not permitted"
	if want {
		message = "No such device or address"
	}
	if r := inside(t, b, "exec 3</dev/none"); !strings.Contains(r.Stderr, message) {
		t.Errorf("%s: %s, want %s", when, r.Stderr, message)
	}
}

// withDevice has the node of a device that its rules deny.
func withDevice(t *testing.T) *kegtest.Bundle {
	t.Helper()
	kegtest.NeedRoot(t)
	b := sleeping(t)
	b.Spec.Linux.Devices = []oci.LinuxDevice{{Path: "/dev/none", Type: "c", Major: 1, Minor: 77, FileMode: new(os.FileMode(0o666))}}
	b.Spec.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Access: "rwm"}}, Pids: &oci.LinuxPids{Limit: limit(5)}}
	return started(t, b)
}

const denyAll, allowDevice = `{"allow":false,"access":"rwm"}`, `{"allow":true,"type":"c","major":1,"minor":77,"access":"rw"}`

// Rules are replaced by those that are given, and stay where none are.
func TestDevices(t *testing.T) {
	b := withDevice(t)
	expectOpen(t, b, false, "at first")
	must(t, resources(t, b, `{"devices":[`+denyAll+`,`+allowDevice+`]}`))
	expectOpen(t, b, true, "allowed")
	for _, json := range []string{`{}`, `{"devices":[]}`, `{"devices":null,"pids":{"limit":6}}`} {
		must(t, resources(t, b, json))
		expectOpen(t, b, true, json)
	}
	must(t, resources(t, b, `{"devices":[`+denyAll+`]}`)) // what create had, though no longer in force
	expectOpen(t, b, false, "denied again")
}

// Engines send the list that the container was created with: what a hook has
// allowed beside it stays.
func TestDevicesAsCreated(t *testing.T) {
	b := withDevice(t)
	must(t, resources(t, b, `{"devices":[`+denyAll+`],"pids":{"limit":50}}`))
	expectOpen(t, b, false, "as created")
	expectFork(t, b, true, "as created, with more processes")
	if pureV2() {
		return // who changes the program there replaces keg's
	}
	if err := os.WriteFile(file(t, b, "devices", "devices.allow", ""), []byte("c 1:77 rw"), 0); err != nil {
		t.Fatal(err)
	}
	must(t, resources(t, b, `{"devices":[`+denyAll+`],"pids":{"limit":5}}`))
	expectOpen(t, b, true, "allowed by another")
	expectFork(t, b, false, "allowed by another, with fewer processes")
}

// Devices are part of all or nothing, and a paused container stays paused.
func TestDevicesRefused(t *testing.T) {
	b := withDevice(t)
	refused(t, resources(t, b, `{"devices":[`+denyAll+`,`+allowDevice+`],"cpu":{"cpus":"1023"}}`), "standard input: cpu.cpus: ")
	refused(t, resources(t, b, `{"devices":[{"type":"x"}],"pids":{"limit":50}}`), "standard input: devices[0].type: ")
	expectOpen(t, b, false, "after refused updates")
	if !pureV2() { // of which v1 can enforce no list
		refused(t, resources(t, b, `{"devices":[{"allow":true,"type":"c","major":1,"access":"rw"},{"type":"c","major":1,"minor":77,"access":"rw"}],"pids":{"limit":50}}`), "standard input: devices[1]: ")
	}
	expectFork(t, b, false, "after refused updates")
	must(t, resources(t, b, `{"devices":[`+denyAll+`]}`))

	resume := pause(t, b)
	must(t, resources(t, b, `{"devices":[{"allow":true,"access":"rwm"}]}`))
	expectPaused(t, b)
	resume()
	expectOpen(t, b, true, "allowed while it was paused")
}
