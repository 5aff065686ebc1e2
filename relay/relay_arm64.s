#include "textflag.h"

// The signal handler; see relay_amd64.s. The signal is in R0.
TEXT ·handler(SB),NOSPLIT|NOFRAME,$0-0
	MOVWU R0, R1
	MOVD  $·target(SB), R9
	LDARW (R9), R0
	TBZ   $31, R0, send
	SUB   $1, R1, R10
	MOVD  $1, R11
	LSL   R10, R11, R11
	MOVD  $·pending(SB), R12

keep:
	LDAXR (R12), R13
	ORR   R11, R13, R14
	STLXR R14, (R12), R15
	CBNZ  R15, keep
	DMB   $0xb                  // the bit is seen before the target is asked for again
	LDARW (R9), R0
	TBNZ  $31, R0, done

take:
	LDAXR (R12), R13
	BIC   R11, R13, R14
	STLXR R14, (R12), R15
	CBNZ  R15, take
	TST   R11, R13
	BEQ   done

send:
	MOVD ZR, R2
	MOVD ZR, R3
	MOVD $424, R8               // pidfd_send_signal
	SVC

done:
	RET

// The handler of SIGTSTP; see relay_amd64.s.
TEXT ·suspend(SB),NOSPLIT|NOFRAME,$0-0
	MOVD  $·target(SB), R9
	LDARW (R9), R0
	TBNZ  $31, R0, self
	MOVD  R0, R10
	MOVD  $19, R1               // SIGSTOP
	MOVD  ZR, R2
	MOVD  $4, R3                // PIDFD_SIGNAL_PROCESS_GROUP
	MOVD  $424, R8              // pidfd_send_signal
	SVC
	CMN   $22, R0               // EINVAL: a kernel without it
	BNE   self
	MOVD  R10, R0
	MOVD  ZR, R3
	SVC

self:
	MOVD $172, R8               // getpid
	SVC
	MOVD R0, R11
	MOVD $178, R8               // gettid
	SVC
	MOVD R0, R1
	MOVD R11, R0
	MOVD $19, R2                // SIGSTOP, to this thread: it returns when keg goes on
	MOVD $131, R8               // tgkill
	SVC
	LDARW (R9), R0
	TBNZ  $31, R0, resumed
	MOVD  R0, R10
	MOVD  $18, R1               // SIGCONT
	MOVD  ZR, R2
	MOVD  $4, R3
	MOVD  $424, R8
	SVC
	CMN   $22, R0
	BNE   resumed
	MOVD  R10, R0
	MOVD  ZR, R3
	SVC

resumed:
	RET

// func suspendAddress() unsafe.Pointer
TEXT ·suspendAddress(SB),NOSPLIT,$0-8
	MOVD $·suspend(SB), R0
	MOVD R0, ret+0(FP)
	RET

// What the handler returns to.
TEXT ·restorer(SB),NOSPLIT|NOFRAME,$0-0
	MOVD $139, R8               // rt_sigreturn
	SVC
	BRK

// func addresses() (handler, restorer unsafe.Pointer)
TEXT ·addresses(SB),NOSPLIT,$0-16
	MOVD $·handler(SB), R0
	MOVD R0, handler+0(FP)
	MOVD $·restorer(SB), R0
	MOVD R0, restorer+8(FP)
	RET
