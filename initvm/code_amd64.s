#include "go_asm.h"
#include "textflag.h"

// The interpreter. It is copied into every image, so it is position
// independent and its jumps stay inside the symbol. A system call destroys
// RAX, RCX and R11 only, which leaves
//	BX  the program's header
//	R12 the op that runs
// The red zone and the stack are not used.
TEXT ·code(SB),NOSPLIT|NOFRAME,$0-0
	MOVL $const_dataBase, BX
	MOVQ const_headerEntry(BX), R12

run:
	MOVL const_opIndirect(R12), R13
	MOVQ (const_opArgs+0)(R12), DI
	BTL  $0, R13
	JCC  arg1
	MOVQ (DI), DI

arg1:
	MOVQ (const_opArgs+8)(R12), SI
	BTL  $1, R13
	JCC  arg2
	MOVQ (SI), SI

arg2:
	MOVQ (const_opArgs+16)(R12), DX
	BTL  $2, R13
	JCC  arg3
	MOVQ (DX), DX

arg3:
	MOVQ (const_opArgs+24)(R12), R10
	BTL  $3, R13
	JCC  arg4
	MOVQ (R10), R10

arg4:
	MOVQ (const_opArgs+32)(R12), R8
	BTL  $4, R13
	JCC  arg5
	MOVQ (R8), R8

arg5:
	MOVQ (const_opArgs+40)(R12), R9
	BTL  $5, R13
	JCC  call
	MOVQ (R9), R9

call:
	MOVL const_opCall(R12), AX
	CMPL AX, $-1
	JEQ  set
	SYSCALL

result:
	CMPQ AX, $-4095
	JCC  failed
	MOVL const_opStore(R12), R14
	TESTL R14, R14
	JEQ  stored
	MOVQ AX, (R14)

stored:
	CMPL const_opWant(R12), $0
	JEQ  next
	ANDQ const_opWantMask(R12), AX
	CMPQ AX, const_opWantValue(R12)
	JEQ  next
	XORL AX, AX
	MOVL const_opElse(R12), R14
	TESTL R14, R14
	JEQ  report
	MOVL R14, R12
	JMP  run

next:
	MOVL const_opNext(R12), R12
	JMP  run

set:
	LEAQ (DI)(SI*1), AX          // Set has no second argument
	JMP  result

failed:
	NEGQ AX
	CMPL AX, $11                 // EAGAIN
	JNE  tolerated
	CMPL const_opRetry(R12), $0
	JEQ  tolerated
	DECL const_opRetry(R12)
	JMP  run

tolerated:
	CMPL AX, const_opErrno0(R12)
	JNE  second
	MOVL const_opGoto0(R12), R12
	JMP  run

second:
	MOVL const_opErrno1(R12), R14
	CMPL R14, $const_anyErrno
	JEQ  any
	CMPL AX, R14
	JNE  report

any:
	MOVL const_opGoto1(R12), R12
	JMP  run

report:
	MOVL R12, const_headerRecord(BX)
	MOVL AX, (const_headerRecord+4)(BX)
	MOVQ const_headerReport(BX), DI
	LEAQ const_headerRecord(BX), SI
	MOVL $8, DX
	MOVL $1, AX                  // write
	SYSCALL

	MOVL $1, DI
	MOVL $231, AX                // exit_group
	SYSCALL
	UNDEF                        // a filter has refused even that: die by a signal

TEXT ·codeEnd(SB),NOSPLIT|NOFRAME,$0-0
	RET

// func codeRange() (start, end unsafe.Pointer)
TEXT ·codeRange(SB),NOSPLIT,$0-16
	MOVQ $·code(SB), AX
	MOVQ AX, start+0(FP)
	MOVQ $·codeEnd(SB), AX
	MOVQ AX, end+8(FP)
	RET
