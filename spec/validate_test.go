package spec

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// minimal is a valid configuration with every namespace.
const minimal = `{
	"ociVersion": "1.3.0",
	"root": {"path": "rootfs"},
	"process": {"cwd": "/", "args": ["sh"], "user": {"uid": 0, "gid": 0}},
	"linux": {"namespaces": [
		{"type": "pid"}, {"type": "network"}, {"type": "mount"}, {"type": "ipc"},
		{"type": "uts"}, {"type": "user"}, {"type": "cgroup"}, {"type": "time"}
	]}
}`

// changed is minimal with the values in change put into it; null removes.
func changed(t *testing.T, change string) []byte {
	t.Helper()
	var base, over map[string]any
	if err := json.Unmarshal([]byte(minimal), &base); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(change), &over); err != nil {
		t.Fatalf("%s: %v", change, err)
	}
	merge(base, over)
	data, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func merge(base, over map[string]any) {
	for key, v := range over {
		inner, isObject := v.(map[string]any)
		old, wasObject := base[key].(map[string]any)
		switch {
		case v == nil:
			delete(base, key)
		case isObject && wasObject:
			merge(old, inner)
		default:
			base[key] = v
		}
	}
}

// check decodes and validates, as create does.
func check(data []byte) error {
	s, err := Decode(data)
	if err != nil {
		return err
	}
	return Validate(s)
}

type violationCase struct{ change, want string }

func testViolations(t *testing.T, tests []violationCase) {
	for _, tt := range tests {
		t.Run(tt.change, func(t *testing.T) {
			err := check(changed(t, tt.change))
			if err == nil {
				t.Fatalf("accepted; want %s", tt.want)
			}
			if err.Error() != tt.want {
				t.Errorf("\ngot  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestMinimal(t *testing.T) {
	if err := check([]byte(minimal)); err != nil {
		t.Error(err)
	}
}

func TestTypes(t *testing.T) {
	testViolations(t, []violationCase{
		{`{"hostname": 1}`, `hostname: found 1; allowed: a string`},
		{`{"root": []}`, `root: found an array; allowed: an object`},
		{`{"mounts": {}}`, `mounts: found an object; allowed: an array`},
		{`{"mounts": [{"destination": "/a", "options": ["ro", 1]}]}`, `mounts[0].options[1]: found 1; allowed: a string`},
		{`{"process": {"terminal": "yes"}}`, `process.terminal: found "yes"; allowed: true, false`},
		{`{"process": {"user": {"uid": -1}}}`, `process.user.uid: found -1; allowed: an integer from 0 to 4294967295`},
		{`{"process": {"user": {"uid": 1.5}}}`, `process.user.uid: found 1.5; allowed: an integer from 0 to 4294967295`},
		{`{"process": {"rlimits": [{"type": "RLIMIT_CPU", "soft": "unlimited", "hard": 0}]}}`,
			`process.rlimits[0].soft: found "unlimited"; allowed: an integer from 0 to 18446744073709551615`},
		{`{"linux": {"resources": {"blockIO": {"weight": 65536}}}}`,
			`linux.resources.blockIO.weight: found 65536; allowed: an integer from 0 to 65535`},
		{`{"linux": {"sysctl": {"net.ipv4.ip_forward": true}}}`,
			`linux.sysctl["net.ipv4.ip_forward"]: found true; allowed: a string`},
		{`{"annotations": {"a": {}}, "hostname": [], "process": {"args": [[1]]}}`,
			"annotations[\"a\"]: found an object; allowed: a string\n" +
				"hostname: found an array; allowed: a string\n" +
				"process.args[0]: found an array; allowed: a string"},
	})
}

func TestTopLevel(t *testing.T) {
	const version = `; allowed: a semantic version of major number 1`
	testViolations(t, []violationCase{
		{`{"ociVersion": null}`, `ociVersion: found nothing` + version},
		{`{"ociVersion": "1.0"}`, `ociVersion: found "1.0"` + version},
		{`{"ociVersion": "1.02.3"}`, `ociVersion: found "1.02.3"` + version},
		{`{"ociVersion": "2.0.0"}`, `ociVersion: found "2.0.0"` + version},
		{`{"ociVersion": "1.0.0-01"}`, `ociVersion: found "1.0.0-01"` + version},
		{`{"ociVersion": "1.0.0-a..b"}`, `ociVersion: found "1.0.0-a..b"` + version},
		{`{"ociVersion": "1.0.0+ü"}`, `ociVersion: found "1.0.0+ü"` + version},
		{`{"root": null}`, `root: found nothing; allowed: an object`},
		{`{"root": {"path": ""}}`, `root.path: found nothing; allowed: a path`},
		{`{"hostname": "a\u0000b"}`, `hostname: found "a\x00b"; allowed: a string without NUL`},
		{`{"hostname": "` + strings.Repeat("h", 65) + `"}`,
			`hostname: found "` + strings.Repeat("h", 64) + `"...; allowed: at most 64 bytes`},
		{`{"hostname": "h", "domainname": "d", "linux": {"namespaces": []}}`,
			"hostname: found \"h\"; allowed: none without a namespace of type uts\n" +
				"domainname: found \"d\"; allowed: none without a namespace of type uts"},
		{`{"annotations": {"": "v"}}`, `annotations[""]: found an empty key; allowed: a key`},
		{`{"annotations": {"k\u0000": "v"}}`, `annotations["k\x00"]: found "k\x00"; allowed: a string without NUL`},
		{`{"hooks": {"createRuntime": [{"path": "bin/hook"}, {"path": "/bin/hook", "timeout": 0}]}}`,
			"hooks.createRuntime[0].path: found \"bin/hook\"; allowed: an absolute path\n" +
				"hooks.createRuntime[1].timeout: found 0; allowed: 1 or more"},
		{`{"hooks": {"poststop": [{"path": "", "env": ["=x"]}]}}`,
			"hooks.poststop[0].path: found nothing; allowed: an absolute path\n" +
				"hooks.poststop[0].env[0]: found \"=x\"; allowed: NAME=value"},
	})
}

func TestProcess(t *testing.T) {
	testViolations(t, []violationCase{
		{`{"process": null}`, `process: found nothing; allowed: an object`},
		{`{"process": {"args": null}}`, `process.args: found nothing; allowed: a program and its arguments`},
		{`{"process": {"args": [""]}}`, `process.args: found nothing; allowed: a program and its arguments`},
		{`{"process": {"args": ["sh", "-c\u0000"]}}`, `process.args[1]: found "-c\x00"; allowed: a string without NUL`},
		{`{"process": {"cwd": null}}`, `process.cwd: found nothing; allowed: an absolute path`},
		{`{"process": {"cwd": "tmp"}}`, `process.cwd: found "tmp"; allowed: an absolute path`},
		{`{"process": {"env": ["A=1", "B"]}}`, `process.env[1]: found "B"; allowed: NAME=value`},
		{`{"process": {"oomScoreAdj": -1001}}`, `process.oomScoreAdj: found -1001; allowed: -1000 to 1000`},
		{`{"process": {"user": {"uid": 4294967295}}}`, `process.user.uid: found 4294967295; allowed: 0 to 4294967294`},
		{`{"process": {"user": {"gid": 4294967295}}}`, `process.user.gid: found 4294967295; allowed: 0 to 4294967294`},
		{`{"process": {"user": {"additionalGids": [1, 4294967295]}}}`,
			`process.user.additionalGids[1]: found 4294967295; allowed: 0 to 4294967294`},
		{`{"process": {"user": {"umask": 512}}}`, `process.user.umask: found 512; allowed: 0 to 511`},
		{`{"process": {"terminal": true, "consoleSize": {"height": 65536, "width": 80}}}`,
			`process.consoleSize.height: found 65536; allowed: 0 to 65535`},
		{`{"process": {"rlimits": [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}]}}`,
			`process.rlimits[0].type: found "RLIMIT_FOO"; allowed: RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, ` +
				`RLIMIT_FSIZE, RLIMIT_LOCKS, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_NPROC, ` +
				`RLIMIT_RSS, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIMIT_SIGPENDING, RLIMIT_STACK`},
		{`{"process": {"rlimits": [{"type": "RLIMIT_CPU", "soft": 2, "hard": 1}, {"type": "RLIMIT_CPU", "soft": 1, "hard": 1}]}}`,
			"process.rlimits[0].soft: found 2; allowed: at most the hard limit, 1\n" +
				`process.rlimits[1].type: found a second "RLIMIT_CPU"; allowed: one limit of each type`},
		{`{"process": {"scheduler": {"policy": "SCHED_FAIR"}}}`, `process.scheduler.policy: found "SCHED_FAIR"; ` +
			`allowed: SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_ISO, SCHED_IDLE, SCHED_DEADLINE`},
		{`{"process": {"scheduler": {"policy": "SCHED_OTHER", "nice": 20, "priority": 1, "runtime": 5}}}`,
			"process.scheduler.nice: found 20; allowed: -20 to 19\n" +
				"process.scheduler.priority: found 1; allowed: 0 with policy SCHED_OTHER\n" +
				"process.scheduler.runtime: found 5; allowed: 0 with policy SCHED_OTHER"},
		{`{"process": {"scheduler": {"policy": "SCHED_FIFO"}}}`, `process.scheduler.priority: found 0; allowed: 1 to 99`},
		{`{"process": {"scheduler": {"policy": "SCHED_DEADLINE", "runtime": 3, "deadline": 2, "period": 1}}}`,
			"process.scheduler.runtime: found 3; allowed: 1 to the deadline, 2\n" +
				"process.scheduler.deadline: found 2; allowed: at most the period, 1"},
		{`{"process": {"scheduler": {"policy": "SCHED_IDLE", "flags": ["SCHED_FLAG_FOO"]}}}`,
			`process.scheduler.flags[0]: found "SCHED_FLAG_FOO"; allowed: SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_RECLAIM, ` +
				`SCHED_FLAG_DL_OVERRUN, SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_UTIL_CLAMP_MIN, SCHED_FLAG_UTIL_CLAMP_MAX`},
		{`{"process": {"ioPriority": {"class": "IOPRIO_CLASS_NONE", "priority": 8}}}`,
			"process.ioPriority.class: found \"IOPRIO_CLASS_NONE\"; allowed: IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE\n" +
				"process.ioPriority.priority: found 8; allowed: 0 to 7"},
		{`{"process": {"execCPUAffinity": {"initial": "3-1", "final": "0,"}}}`,
			"process.execCPUAffinity.initial: found \"3-1\"; allowed: a list of numbers and ranges like 0-3,7\n" +
				"process.execCPUAffinity.final: found \"0,\"; allowed: a list of numbers and ranges like 0-3,7"},
	})
}

func TestMounts(t *testing.T) {
	testViolations(t, []violationCase{
		{`{"mounts": [{"type": "proc"}]}`, `mounts[0].destination: found nothing; allowed: a path`},
		{`{"mounts": [{"destination": "/a", "options": ["rbind"]}]}`,
			`mounts[0].source: found nothing; allowed: a path, for a bind mount`},
		{`{"mounts": [{"destination": "/a", "source": "/b", "options": ["bind", "a\u0000b"]}]}`,
			`mounts[0].options[1]: found "a\x00b"; allowed: a string without NUL`},
		{`{"mounts": [{"destination": "/a", "source": "/b", "options": ["bind"], "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}]}`,
			`mounts[0].gidMappings: found nothing; allowed: mappings, as uidMappings has some`},
		{`{"mounts": [{"destination": "/a", "uidMappings": [{"size": 1}], "gidMappings": [{"size": 1}]}]}`,
			`mounts[0].options: found uidMappings and gidMappings; allowed: mappings with one of bind, rbind, idmap, ridmap only`},
		{`{"mounts": [{"destination": "/a", "source": "/b", "options": ["bind", "ridmap"]}], "linux": {"namespaces": []}}`,
			`mounts[0].options[1]: found "ridmap"; allowed: none without mappings, here or of a namespace of type user`},
	})
}

func TestNamespaces(t *testing.T) {
	testViolations(t, []violationCase{
		{`{"linux": {"namespaces": [{"type": "pid"}, {"type": "foo"}]}}`,
			`linux.namespaces[1].type: found "foo"; allowed: pid, network, mount, ipc, uts, user, cgroup, time`},
		{`{"linux": {"namespaces": [{}]}}`,
			`linux.namespaces[0].type: found nothing; allowed: pid, network, mount, ipc, uts, user, cgroup, time`},
		{`{"linux": {"namespaces": [{"type": "pid"}, {"type": "pid", "path": "/proc/1/ns/pid"}]}}`,
			`linux.namespaces[1].type: found a second "pid"; allowed: one namespace of each type`},
		{`{"linux": {"namespaces": [{"type": "pid", "path": "proc/1/ns/pid"}]}}`,
			`linux.namespaces[0].path: found "proc/1/ns/pid"; allowed: an absolute path`},
		{`{"linux": {"uidMappings": [{"size": 1}], "gidMappings": [{"size": 1}], "namespaces": []}}`,
			"linux.uidMappings: found mappings; allowed: none without a namespace of type user\n" +
				"linux.gidMappings: found mappings; allowed: none without a namespace of type user"},
		{`{"linux": {"gidMappings": [{"size": 1}]}}`,
			`linux.uidMappings: found nothing; allowed: mappings, as gidMappings has some`},
		{`{"linux": {"uidMappings": [{"size": 0}], "gidMappings": [{"size": 1}]}}`,
			`linux.uidMappings[0].size: found 0; allowed: 1 or more`},
		{`{"linux": {"uidMappings": [{"hostID": 4294967295, "size": 2}], "gidMappings": [{"containerID": 4294967000, "size": 296}]}}`,
			"linux.uidMappings[0].hostID: found 4294967295 to 4294967296; allowed: ids up to 4294967294\n" +
				"linux.gidMappings[0].containerID: found 4294967000 to 4294967295; allowed: ids up to 4294967294"},
		{`{"linux": {"uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 9, "hostID": 2000, "size": 1}], "gidMappings": [{"size": 1}]}}`,
			`linux.uidMappings[1].containerID: found 9 to 9; allowed: ids outside those of linux.uidMappings[0], 0 to 9`},
		{`{"linux": {"uidMappings": [{"size": 1}], "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 10, "hostID": 995, "size": 6}]}}`,
			`linux.gidMappings[1].hostID: found 995 to 1000; allowed: ids outside those of linux.gidMappings[0], 1000 to 1009`},
		{`{"linux": {"timeOffsets": {"realtime": {"secs": 1}}}}`,
			`linux.timeOffsets["realtime"]: found "realtime"; allowed: monotonic, boottime`},
		{`{"linux": {"timeOffsets": {"boottime": {"nanosecs": 1000000000}}}}`,
			`linux.timeOffsets["boottime"].nanosecs: found 1000000000; allowed: 0 to 999999999`},
		{`{"linux": {"timeOffsets": {"boottime": {"secs": 1}}, "namespaces": [{"type": "time", "path": "/proc/1/ns/time"}]}}`,
			`linux.timeOffsets: found offsets; allowed: none without a new namespace of type time`},
	})
}

func TestLinux(t *testing.T) {
	testViolations(t, []violationCase{
		{`{"linux": {"cgroupsPath": "/a/../../b"}}`, `linux.cgroupsPath: found "/a/../../b"; allowed: a path without ..`},
		{`{"linux": {"cgroupsPath": "system.slice:..:x"}}`, `linux.cgroupsPath: found "system.slice:..:x"; allowed: a path without ..`},
		{`{"linux": {"rootfsPropagation": "public"}}`, `linux.rootfsPropagation: found "public"; ` +
			`allowed: shared, slave, private, unbindable, rshared, rslave, rprivate, runbindable`},
		{`{"linux": {"maskedPaths": ["/a", "b"], "readonlyPaths": [""]}}`,
			"linux.maskedPaths[1]: found \"b\"; allowed: an absolute path\n" +
				"linux.readonlyPaths[0]: found nothing; allowed: an absolute path"},
		{`{"linux": {"personality": {"domain": "BSD", "flags": ["X"]}}}`,
			"linux.personality.domain: found \"BSD\"; allowed: LINUX, LINUX32\n" +
				"linux.personality.flags[0]: found \"X\"; allowed: none"},
		{`{"linux": {"devices": [{"path": "dev/x", "type": "d", "major": 1, "minor": 3}]}}`,
			"linux.devices[0].path: found \"dev/x\"; allowed: an absolute path\n" +
				"linux.devices[0].type: found \"d\"; allowed: c, b, u, p"},
		{`{"linux": {"devices": [{"path": "/dev/x", "type": "c"}, {"path": "/dev/p", "type": "p"}]}}`,
			`linux.devices[0].major: found major 0 and minor 0, or none; allowed: a device number, for type c`},
		{`{"linux": {"devices": [{"path": "/dev/x", "type": "b", "major": 4096, "minor": -1}]}}`,
			"linux.devices[0].major: found 4096; allowed: 0 to 4095\n" +
				"linux.devices[0].minor: found -1; allowed: 0 to 1048575"},
		{`{"linux": {"devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 3, "fileMode": 24992, "uid": 4294967295}]}}`,
			"linux.devices[0].fileMode: found 24992; allowed: permissions from 0 to 4095 (octal 7777)\n" +
				"linux.devices[0].uid: found 4294967295; allowed: 0 to 4294967294"},
		{`{"linux": {"memoryPolicy": {"mode": "MPOL_FOO", "flags": ["MPOL_F_FOO"]}}}`,
			"linux.memoryPolicy.flags[0]: found \"MPOL_F_FOO\"; allowed: MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES\n" +
				"linux.memoryPolicy.mode: found \"MPOL_FOO\"; allowed: MPOL_DEFAULT, MPOL_BIND, MPOL_INTERLEAVE, " +
				"MPOL_WEIGHTED_INTERLEAVE, MPOL_PREFERRED, MPOL_PREFERRED_MANY, MPOL_LOCAL"},
		{`{"linux": {"memoryPolicy": {"mode": "MPOL_BIND"}}}`,
			`linux.memoryPolicy.nodes: found nothing; allowed: at least one node with mode MPOL_BIND`},
		{`{"linux": {"memoryPolicy": {"mode": "MPOL_LOCAL", "nodes": "0"}}}`,
			`linux.memoryPolicy.nodes: found "0"; allowed: none with mode MPOL_LOCAL`},
		{`{"linux": {"memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]}}}`,
			`linux.memoryPolicy.flags: found MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES; allowed: one of them`},
		{`{"linux": {"intelRdt": {"closID": "../x", "memBwSchema": "L3:0=f", "schemata": ["MB:0=1\nL3:0=f"]}}}`,
			"linux.intelRdt.closID: found \"../x\"; allowed: a directory's name, /\n" +
				"linux.intelRdt.memBwSchema: found \"L3:0=f\"; allowed: a schema that begins with MB:\n" +
				`linux.intelRdt.schemata[0]: found "MB:0=1\nL3:0=f"; allowed: one line`},
	})
}

func TestNetDevices(t *testing.T) {
	const name = `; allowed: an interface's name, of 1 to 15 bytes without / : % and white space`
	testViolations(t, []violationCase{
		{`{"linux": {"netDevices": {"eth0": {}}, "namespaces": []}}`,
			`linux.netDevices: found devices; allowed: none without a namespace of type network`},
		{`{"linux": {"netDevices": {"..": {}}}}`, `linux.netDevices[".."]: found ".."` + name},
		{`{"linux": {"netDevices": {"eth0": {"name": "sixteen-bytes-xx"}}}}`,
			`linux.netDevices["eth0"].name: found "sixteen-bytes-xx"` + name},
		{`{"linux": {"netDevices": {"eth0": {"name": "e%dx"}}}}`, `linux.netDevices["eth0"].name: found "e%dx"` + name},
		{`{"linux": {"netDevices": {"eth0": {"name": "net0"}, "eth1": {"name": "net0"}}}}`,
			`linux.netDevices["eth1"].name: found "net0"; allowed: another name than that of "eth0"`},
	})
}

func TestSysctl(t *testing.T) {
	const key = `; allowed: a key like net.ipv4.ip_forward`
	const namespaced = `; allowed: a kernel parameter that belongs to a namespace of type network, ipc, uts or user`
	testViolations(t, []violationCase{
		{`{"linux": {"sysctl": {"/net/ipv4": "1"}}}`, `linux.sysctl["/net/ipv4"]: found "/net/ipv4"` + key},
		{`{"linux": {"sysctl": {"net/../kernel/panic": "1"}}}`, `linux.sysctl["net/../kernel/panic"]: found "net/../kernel/panic"` + key},
		{`{"linux": {"sysctl": {"net.//.x": "1"}}}`, `linux.sysctl["net.//.x"]: found "net.//.x"` + key},
		{`{"linux": {"sysctl": {"net.a b": "1"}}}`, `linux.sysctl["net.a b"]: found "net.a b"` + key},
		{`{"linux": {"sysctl": {"kernel.sysrq": "1"}}}`, `linux.sysctl["kernel.sysrq"]: found "kernel.sysrq"` + namespaced},
		{`{"linux": {"sysctl": {"vm.swappiness": "1"}}}`, `linux.sysctl["vm.swappiness"]: found "vm.swappiness"` + namespaced},
		{`{"linux": {"sysctl": {"kernel/msgmax": "1"}, "namespaces": []}}`,
			`linux.sysctl["kernel/msgmax"]: found "kernel/msgmax"; allowed: none of this kind without a namespace of type ipc`},
		{`{"linux": {"sysctl": {"net.core.somaxconn": "1"}, "namespaces": []}}`,
			`linux.sysctl["net.core.somaxconn"]: found "net.core.somaxconn"; allowed: none of this kind without a namespace of type network`},
		{`{"hostname": "a", "domainname": "b", "linux": {"sysctl": {"kernel.hostname": "x", "kernel.domainname": "y"}}}`,
			"linux.sysctl[\"kernel.domainname\"]: found \"y\"; allowed: \"b\", which domainname says\n" +
				"linux.sysctl[\"kernel.hostname\"]: found \"x\"; allowed: \"a\", which hostname says"},
	})
}

func TestSeccomp(t *testing.T) {
	const actions = `; allowed: SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_TRAP, ` +
		`SCMP_ACT_ERRNO, SCMP_ACT_TRACE, SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_NOTIFY`
	const noErrno = `SCMP_ACT_ALLOW; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE take one`
	testViolations(t, []violationCase{
		{`{"linux": {"seccomp": {}}}`, `linux.seccomp.defaultAction: found nothing` + actions},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_NOTIFY"}}}`,
			`linux.seccomp.defaultAction: found "SCMP_ACT_NOTIFY"; allowed: another action than this one for what no rule names`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}}}`,
			`linux.seccomp.defaultErrnoRet: found 1; allowed: none with action ` + noErrno},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}}}`,
			`linux.seccomp.defaultErrnoRet: found 4096; allowed: 0 to 4095`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_TRACE", "defaultErrnoRet": 65536}}}`,
			`linux.seccomp.defaultErrnoRet: found 65536; allowed: 0 to 65535`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_NEW_LISTENER"]}}}`,
			`linux.seccomp.flags[0]: found "SECCOMP_FILTER_FLAG_NEW_LISTENER"; allowed: SECCOMP_FILTER_FLAG_TSYNC, ` +
				`SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["x86_64"]}}}`,
			`linux.seccomp.architectures[0]: found "x86_64"; allowed: SCMP_ARCH_X86, SCMP_ARCH_X86_64, SCMP_ARCH_X32, ` +
				`SCMP_ARCH_ARM, SCMP_ARCH_AARCH64, SCMP_ARCH_MIPS, SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32, SCMP_ARCH_MIPSEL, ` +
				`SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32, SCMP_ARCH_PPC, SCMP_ARCH_PPC64, SCMP_ARCH_PPC64LE, SCMP_ARCH_S390, ` +
				`SCMP_ARCH_S390X, SCMP_ARCH_PARISC, SCMP_ARCH_PARISC64, SCMP_ARCH_RISCV64, SCMP_ARCH_LOONGARCH64, ` +
				`SCMP_ARCH_M68K, SCMP_ARCH_SH, SCMP_ARCH_SHEB`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "ERRNO"}, {"names": [""], "action": "SCMP_ACT_ALLOW", "errnoRet": 2}]}}}`,
			`linux.seccomp.syscalls[0].names: found nothing; allowed: at least one system call` + "\n" +
				`linux.seccomp.syscalls[0].action: found "ERRNO"` + actions + "\n" +
				`linux.seccomp.syscalls[1].names[0]: found ""; allowed: a system call` + "\n" +
				`linux.seccomp.syscalls[1].errnoRet: found 2; allowed: none with action ` + noErrno},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "value": 0, "op": "EQ"}]}]}}}`,
			"linux.seccomp.syscalls[0].args[0].index: found 6; allowed: 0 to 5\n" +
				`linux.seccomp.syscalls[0].args[0].op: found "EQ"; allowed: SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, ` +
				`SCMP_CMP_EQ, SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}}}`,
			`linux.seccomp.listenerPath: found nothing; allowed: an absolute path`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "m"}}}`,
			`linux.seccomp.listenerMetadata: found "m"; allowed: none without listenerPath`},
		{`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/` + strings.Repeat("s", 107) + `"}}}`,
			`linux.seccomp.listenerPath: found "/` + strings.Repeat("s", 63) + `"...; allowed: a socket's path, of at most 107 bytes`},
	})
}

func TestResources(t *testing.T) {
	tests := []violationCase{
		{`{"devices": [{"type": "u", "access": "rx", "major": -2, "minor": 1048576}]}`,
			"linux.resources.devices[0].type: found \"u\"; allowed: a, c, b\n" +
				"linux.resources.devices[0].access: found \"rx\"; allowed: letters of rwm\n" +
				"linux.resources.devices[0].major: found -2; allowed: -1 to 4095\n" +
				"linux.resources.devices[0].minor: found 1048576; allowed: -1 to 1048575"},
		{`{"pids": {"limit": -2}}`, `linux.resources.pids.limit: found -2; allowed: -1 or more`},
		{`{"memory": {"limit": -2, "reservation": -3, "swap": -4, "kernel": -5, "kernelTCP": -6, "swappiness": 101}}`,
			"linux.resources.memory.limit: found -2; allowed: -1 or more\n" +
				"linux.resources.memory.reservation: found -3; allowed: -1 or more\n" +
				"linux.resources.memory.swap: found -4; allowed: -1 or more\n" +
				"linux.resources.memory.kernel: found -5; allowed: -1 or more\n" +
				"linux.resources.memory.kernelTCP: found -6; allowed: -1 or more\n" +
				"linux.resources.memory.swappiness: found 101; allowed: 0 to 100"},
		{`{"memory": {"limit": 2, "swap": 1}}`, `linux.resources.memory.swap: found 1; allowed: at least the limit, 2`},
		{`{"cpu": {"quota": 999, "period": 1000001, "idle": 2, "cpus": "a", "mems": "0-"}}`,
			"linux.resources.cpu.quota: found 999; allowed: -1, 0, 1000 to 9223372036854775807\n" +
				"linux.resources.cpu.period: found 1000001; allowed: 0, 1000 to 1000000\n" +
				"linux.resources.cpu.idle: found 2; allowed: 0 to 1\n" +
				"linux.resources.cpu.cpus: found \"a\"; allowed: a list of numbers and ranges like 0-3,7\n" +
				"linux.resources.cpu.mems: found \"0-\"; allowed: a list of numbers and ranges like 0-3,7"},
		{`{"cpu": {"quota": 1000, "burst": 1001, "realtimeRuntime": -2}}`,
			"linux.resources.cpu.burst: found 1001; allowed: at most the quota, 1000\n" +
				"linux.resources.cpu.realtimeRuntime: found -2; allowed: -1 or more"},
		{`{"cpu": {"realtimeRuntime": 1001, "realtimePeriod": 1000}}`,
			"linux.resources.cpu.realtimeRuntime: found 1001; allowed: at most the realtimePeriod, 1000"},
		{`{"blockIO": {"weight": 9, "leafWeight": 1001, "weightDevice": [{"major": 8, "minor": 0}], "throttleReadBpsDevice": [{"major": -1, "minor": 0, "rate": 1}]}}`,
			"linux.resources.blockIO.weight: found 9; allowed: 0, 10 to 1000\n" +
				"linux.resources.blockIO.leafWeight: found 1001; allowed: 0, 10 to 1000\n" +
				"linux.resources.blockIO.weightDevice[0]: found nothing; allowed: weight, leafWeight\n" +
				"linux.resources.blockIO.throttleReadBpsDevice[0].major: found -1; allowed: 0 to 4095"},
		{`{"hugepageLimits": [{"pageSize": "../2MB", "limit": 1}, {"pageSize": "02MB", "limit": 1}, {"pageSize": "2TB", "limit": 1}]}`,
			"linux.resources.hugepageLimits[0].pageSize: found \"../2MB\"; allowed: a size like 64KB, 2MB, 1GB\n" +
				"linux.resources.hugepageLimits[1].pageSize: found \"02MB\"; allowed: a size like 64KB, 2MB, 1GB\n" +
				"linux.resources.hugepageLimits[2].pageSize: found \"2TB\"; allowed: a size like 64KB, 2MB, 1GB"},
		{`{"network": {"priorities": [{"name": "a b", "priority": 1}]}}`,
			`linux.resources.network.priorities[0].name: found "a b"; allowed: an interface's name, of 1 to 15 bytes without / : % and white space`},
		{`{"rdma": {"mlx\n5": {"hcaHandles": 1}, "mlx4": {}}}`,
			"linux.resources.rdma[\"mlx\\n5\"]: found \"mlx\\n5\"; allowed: a device's name\n" +
				"linux.resources.rdma[\"mlx4\"]: found nothing; allowed: hcaHandles, hcaObjects"},
		{`{"unified": {"../cgroup.procs": "1", "memory.high": "1", "pids": "1", "pids.": "1", ".max": "1", "..": "1", "a.\nb": "1"}}`,
			refusedFile("..") + "\n" + refusedFile("../cgroup.procs") + "\n" + refusedFile(".max") + "\n" +
				refusedFile("a.\nb") + "\n" + refusedFile("pids") + "\n" + refusedFile("pids.")},
		{`{"unified": {"io.max": "8:0 rbps=\u0000"}}`,
			`linux.resources.unified["io.max"]: found "8:0 rbps=\x00"; allowed: a string without NUL`},
	}
	for i := range tests {
		tests[i].change = `{"linux": {"resources": ` + tests[i].change + `}}`
	}
	testViolations(t, tests)
}

func refusedFile(name string) string {
	q := strconv.Quote(name)
	return "linux.resources.unified[" + q + "]: found " + q + "; allowed: the name of a controller's file, like memory.high"
}

// TestAccepted: what is unusual but valid.
func TestAccepted(t *testing.T) {
	for _, change := range []string{
		`{"ociVersion": "1.0.2-dev"}`, `{"ociVersion": "1.4.0-rc.1+build.007"}`, `{"unknown": {"a": [1, 2.5e3, null]}}`,
		`{"mounts": [{"destination": "relative", "type": "tmpfs"}]}`,
		`{"mounts": [{"destination": "/a", "source": "b", "options": ["bind", "ridmap"]}]}`,
		`{"mounts": [{"destination": "/a", "options": ["remount", "bind", "ro"]}]}`,
		`{"process": {"capabilities": {"bounding": ["CAP_FUTURE"]}}}`,
		`{"process": {"consoleSize": {"height": 99999, "width": 1}}}`,
		`{"process": {"user": {"umask": 511}}}`,
		`{"process": {"scheduler": {"policy": "SCHED_DEADLINE", "runtime": 1, "deadline": 2}}}`,
		`{"linux": {"namespaces": []}}`, `{"linux": null}`,
		`{"linux": {"uidMappings": [{"size": 1}], "gidMappings": [{"size": 1}], "namespaces": [{"type": "user", "path": "/proc/1/ns/user"}]}}`,
		`{"linux": {"uidMappings": [{"containerID": 1, "hostID": 0, "size": 4294967294}], "gidMappings": [{"size": 1}]}}`,
		`{"linux": {"cgroupsPath": "system.slice:keg:a..b"}}`,
		`{"linux": {"rootfsPropagation": "rslave"}}`,
		`{"linux": {"devices": [{"path": "/dev/n", "type": "c", "major": 1, "minor": 3, "fileMode": 8630}]}}`,
		`{"linux": {"sysctl": {"net/ipv4/conf/eth0.100/forwarding": "1", "user.max_user_namespaces": "0"}}}`,
		`{"hostname": "h", "linux": {"sysctl": {"kernel.hostname": "h"}}}`,
		`{"linux": {"netDevices": {"eth0": {}, "eth1": {"name": "net%d"}, "eth2": {"name": "net%d"}}}}`,
		`{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/s", "listenerMetadata": "m", "flags": ["SECCOMP_FILTER_FLAG_TSYNC"]}}}`,
		`{"linux": {"resources": {"devices": [{"allow": true, "type": "c", "major": -1, "minor": -1, "access": "m"}], "cpu": {"cpus": "0-3, 7"}, "memory": {"limit": 5, "swap": -1}, "pids": {"limit": 0}}}}`,
		`{"linux": {"intelRdt": {"closID": "/", "schemata": ["MB:0=1"]}}}`,
		`{"linux": {"memoryPolicy": {"mode": "MPOL_PREFERRED", "nodes": ""}}}`,
	} {
		if err := check(changed(t, change)); err != nil {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// TestAllAtOnce: violations of different subjects in one report.
func TestAllAtOnce(t *testing.T) {
	err := check(changed(t, `{"ociVersion": "3", "root": {"path": ""}, "process": {"cwd": "x"}, "linux": {"cgroupsPath": ".."}}`))
	list, ok := err.(Violations)
	if !ok || len(list) != 4 {
		t.Fatalf("%T of %d: %v", err, len(list), err)
	}
}
