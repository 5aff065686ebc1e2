package initvm

const (
	machine      = 183   // EM_AARCH64
	segmentAlign = 65536 // kernels with pages of 4, 16 and 64 KiB exist
)
