#include "textflag.h"

// The signal handler, called by the kernel in C's convention: the signal in DI.
// It runs on the thread's signal stack with all signals blocked.
TEXT ·handler(SB),NOSPLIT|NOFRAME,$0-0
	MOVLQZX DI, SI
	MOVLQSX ·target(SB), DI
	TESTQ   DI, DI
	JGE     send
	MOVQ    SI, CX
	DECQ    CX
	LOCK
	BTSQ    CX, ·pending(SB)
	MOVLQSX ·target(SB), DI     // named meanwhile? Then To may have missed the bit.
	TESTQ   DI, DI
	JLT     done
	LOCK
	BTRQ    CX, ·pending(SB)
	JCC     done

send:
	XORL DX, DX
	XORL R10, R10
	MOVL $424, AX               // pidfd_send_signal
	SYSCALL

done:
	RET

// The handler of SIGTSTP.
TEXT ·suspend(SB),NOSPLIT|NOFRAME,$0-0
	MOVLQSX ·target(SB), DI
	TESTQ   DI, DI
	JLT     self
	MOVL    $19, SI             // SIGSTOP
	XORL    DX, DX
	MOVL    $4, R10             // PIDFD_SIGNAL_PROCESS_GROUP
	MOVL    $424, AX            // pidfd_send_signal
	SYSCALL
	CMPQ    AX, $-22            // EINVAL: a kernel without it
	JNE     self
	XORL    R10, R10
	MOVL    $424, AX
	SYSCALL

self:
	MOVL $39, AX                // getpid
	SYSCALL
	MOVQ AX, DI
	MOVL $186, AX               // gettid
	SYSCALL
	MOVQ AX, SI
	MOVL $19, DX                // SIGSTOP, to this thread: it returns when keg goes on
	MOVL $234, AX               // tgkill
	SYSCALL
	MOVLQSX ·target(SB), DI
	TESTQ   DI, DI
	JLT     resumed
	MOVL    $18, SI             // SIGCONT
	XORL    DX, DX
	MOVL    $4, R10
	MOVL    $424, AX
	SYSCALL
	CMPQ    AX, $-22
	JNE     resumed
	XORL    R10, R10
	MOVL    $424, AX
	SYSCALL

resumed:
	RET

// func suspendAddress() unsafe.Pointer
TEXT ·suspendAddress(SB),NOSPLIT,$0-8
	MOVQ $·suspend(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// What the handler returns to.
TEXT ·restorer(SB),NOSPLIT|NOFRAME,$0-0
	MOVL $15, AX                // rt_sigreturn
	SYSCALL
	INT  $3

// func addresses() (handler, restorer unsafe.Pointer)
TEXT ·addresses(SB),NOSPLIT,$0-16
	MOVQ $·handler(SB), AX
	MOVQ AX, handler+0(FP)
	MOVQ $·restorer(SB), AX
	MOVQ AX, restorer+8(FP)
	RET
