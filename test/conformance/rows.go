package conformance

// cause is why keg fails what a program asks for.
type cause string

const (
	// specification: the program contradicts version 1.3, at the clause.
	specification cause = "specification"
	// practice: keg does as runc and crun do, since engines have come to rely on it.
	practice cause = "practice"
	// machine: this kind of machine lacks what the program asks for.
	machine cause = "machine"
	// program: the program is wrong by itself.
	program cause = "program"
)

// row explains failures of keg.
type row struct {
	programs string // their names
	text     string // part of what they say; "" is all of it
	cause    cause
	clause   string // of the specification: file#anchor
	says     string // its words
	why      string
}

// allows tells whether keg may fail what a peer passes.
func (r row) allows() bool { return r.cause == specification }

const removed = "Deleting a container MUST delete the resources that were created during the create step."

var rows = []row{
	{"prestart", "MUST be called after the `start` operation is called", specification, "config.md#configHooksPrestart",
		"The prestart hooks MUST be called as part of the create operation after the runtime environment has been created",
		"the program has them run by start, as specification 1.0.0 did"},
	{"hooks_stdin", "prestart", specification, "runtime.md#runtimeState", "created: the runtime has finished the create operation",
		"the program wants the status created; the hooks are part of create, so it is creating"},
	{"poststart_fail", "MUST log a warning", specification, "runtime.md#runtimeLifecycle",
		"If any poststart hook fails, the runtime MUST generate an error, stop the container, and continue the lifecycle at step 12.",
		"the program wants the failure to be a warning, as specification 1.0 did"},
	{"pidfile", "--pid-file", specification, "runtime.md#runtimeKill",
		"Attempting to send a signal to a container that is neither created nor running MUST have no effect on the container and MUST generate an error.",
		"the program kills its container (true) after it has ended, and wants no error"},
	{"process_capabilities_fail", ending, specification, "config.md#configLinuxProcess",
		"Any value which cannot be mapped to a relevant kernel interface, or cannot be granted otherwise MUST be logged as a warning by the runtime.",
		"the program wants an unknown capability to be an error, as specification 1.0.0 did"},
	{"linux_mount_label", "", specification, "runtime.md#runtimeCreate",
		"If the runtime cannot apply a property as specified in the configuration, it MUST generate an error and a new container MUST NOT be created.",
		"there is no SELinux, and nothing would be labelled: keg and runc refuse the container, crun makes it and labels nothing"},
	{"linux_ns_itype", "", specification, "runtime.md#runtimeDelete", removed,
		"a container that shares the mount namespace of its caller mounts: runc and crun do so on the host, where all of it stays" +
			" mounted when the container is deleted. keg refuses mounts in a namespace that is not the container's own"},
	{"linux_ns_path", "mnt namespace", specification, "runtime.md#runtimeDelete", removed,
		"as above, in another's mount namespace"},

	{"delete", "that is not `stopped`", practice, "runtime.md#runtimeDelete",
		"Attempting to delete a container that is not stopped MUST have no effect on the container and MUST generate an error.",
		"a created container is deleted, which engines do to one that they never start; a running one is not"},

	{"hooks", "in the listed order", program, "", "", "it compares what its hooks write with a text that they do not write"},
	{"delete_resources linux_cgroups_pids linux_cgroups_relative_pids", "pids limit", program, "", "",
		"it compares two pointers, since the type of the limit has changed, and says that 1000 is not 1000"},
	{"misc_props", "unknown annotation key", program, "", "", "the bundle lacks the program that its container is to run"},
	{"process_rlimits", "RLIMIT_NOFILE", program, "", "", "it asks for its own limit, which Go raises at the start of every program"},
	{"start", "exit status 1", program, "", "",
		"it wants a container without a process to be started without an error, and says that there MUST be one"},
	{"linux_cgroups_relative_hugetlb linux_cgroups_hugetlb", "", program, "", "",
		"it knows the controller hugetlb of cgroup v1 alone, which is not mounted: here it is in the unified hierarchy, where keg sets the limits"},

	{"linux_cgroups_blkio linux_cgroups_relative_blkio", "", machine, "", "", "leaf weights, which Linux has not had since 5.0"},
	{"linux_cgroups_network linux_cgroups_relative_network", "", machine, "", "", "the controllers net_cls and net_prio"},
	{"linux_cgroups_memory linux_cgroups_relative_memory", "memory kernel is", machine, "", "", "a limit on the kernel's memory, which Linux has not taken since 5.16"},
	{"linux_process_apparmor_profile", ending, machine, "", "", "AppArmor"},
	{"process_capabilities", "CAP_SYS_RESOURCE set", machine, "config.md#configLinuxProcess", "Runtimes SHOULD NOT fail if the container configuration" +
		" requests capabilities that cannot be granted", "a capability that even root does not have here; runc and crun make no container"},
}
