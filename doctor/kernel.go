package doctor

import (
	"os"
	"runtime"
)

const subjectKernel = "kernel"

// oldest is the kernel that keg is made for: cgroup.kill came with it.
var oldest = release{5, 14}

func examineKernel(m *machine) []Finding {
	_, noProc := os.Stat("/proc/self/exe")
	return []Finding{kernelVersion(m.release), processors(runtime.GOARCH), procMounted(noProc)}
}

func kernelVersion(text string) Finding {
	f := ok(subjectKernel, "version", "Linux "+text, "all of keg, which has no other ways for kernels before "+oldest.String())
	r, known := parseRelease(text)
	switch {
	case !known:
		return f.bad(Note, "Linux \""+text+"\": a version that cannot be read", "")
	case r.before(oldest):
		return f.bad(Error, "Linux "+text, "install a kernel of version "+oldest.String()+" or newer, and boot it")
	}
	return f
}

func processors(arch string) Finding {
	return ok(subjectKernel, "architecture", arch, "the interpreter that is a container's first process, which there is for amd64 and arm64").detail()
}

func procMounted(err error) Finding {
	f := ok(subjectKernel, "proc", "mounted", "executing a container's first process, and reading what the kernel tells of processes").detail()
	if err != nil {
		return f.bad(Error, "not mounted: "+err.Error(), "sudo mount -t proc proc /proc")
	}
	return f
}
