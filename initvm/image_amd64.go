package initvm

const (
	machine      = 62 // EM_X86_64
	segmentAlign = 4096
)
