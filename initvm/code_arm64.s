#include "go_asm.h"
#include "textflag.h"

// The interpreter; see code_amd64.s. A system call destroys R0 only, which
// leaves
//	R19 the program's header
//	R20 the op that runs
TEXT ·code(SB),NOSPLIT|NOFRAME,$0-0
	MOVD $const_dataBase, R19
	MOVD const_headerEntry(R19), R20

run:
	MOVWU const_opIndirect(R20), R21
	MOVD  (const_opArgs+0)(R20), R0
	TBZ   $0, R21, arg1
	MOVD  (R0), R0

arg1:
	MOVD (const_opArgs+8)(R20), R1
	TBZ  $1, R21, arg2
	MOVD (R1), R1

arg2:
	MOVD (const_opArgs+16)(R20), R2
	TBZ  $2, R21, arg3
	MOVD (R2), R2

arg3:
	MOVD (const_opArgs+24)(R20), R3
	TBZ  $3, R21, arg4
	MOVD (R3), R3

arg4:
	MOVD (const_opArgs+32)(R20), R4
	TBZ  $4, R21, arg5
	MOVD (R4), R4

arg5:
	MOVD (const_opArgs+40)(R20), R5
	TBZ  $5, R21, call
	MOVD (R5), R5

call:
	MOVWU const_opCall(R20), R8
	MOVD  $0xffffffff, R21
	CMP   R21, R8
	BEQ   sum
	SVC

result:
	CMN   $4095, R0
	BHS   failed
	MOVWU const_opStore(R20), R21
	CBZ   R21, stored
	MOVD  R0, (R21)

stored:
	MOVWU const_opWant(R20), R21
	CBZ   R21, next
	MOVD  const_opWantMask(R20), R21
	AND   R21, R0, R0
	MOVD  const_opWantValue(R20), R21
	CMP   R21, R0
	BEQ   next
	MOVD  ZR, R0
	MOVWU const_opElse(R20), R21
	CBZ   R21, report
	MOVD  R21, R20
	B     run

next:
	MOVWU const_opNext(R20), R20
	B     run

failed:
	NEG   R0, R0
	CMP   $11, R0                // EAGAIN
	BNE   tolerated
	MOVWU const_opRetry(R20), R21
	CBZ   R21, tolerated
	SUB   $1, R21
	MOVW  R21, const_opRetry(R20)
	B     run

tolerated:
	MOVWU const_opErrno0(R20), R21
	CMP   R21, R0
	BNE   second
	MOVWU const_opGoto0(R20), R20
	B     run

second:
	MOVWU const_opErrno1(R20), R21
	CMPW  $const_anyErrno, R21
	BEQ   any
	CMP   R21, R0
	BNE   report

any:
	MOVWU const_opGoto1(R20), R20
	B     run

sum:
	ADD R1, R0                   // Set has no second argument
	B   result

report:
	MOVW R20, const_headerRecord(R19)
	MOVW R0, (const_headerRecord+4)(R19)
	MOVD const_headerReport(R19), R0
	ADD  $const_headerRecord, R19, R1
	MOVD $8, R2
	MOVD $64, R8                 // write
	SVC

	MOVD $1, R0
	MOVD $94, R8                 // exit_group
	SVC
	UNDEF                        // a filter has refused even that: die by a signal

TEXT ·codeEnd(SB),NOSPLIT|NOFRAME,$0-0
	RET

// func codeRange() (start, end unsafe.Pointer)
TEXT ·codeRange(SB),NOSPLIT,$0-16
	MOVD $·code(SB), R0
	MOVD R0, start+0(FP)
	MOVD $·codeEnd(SB), R0
	MOVD R0, end+8(FP)
	RET
