//lint:file-ignore U1000 the constants are read by the assembly, through go_asm.h

package initvm

import (
	"unsafe"

	"github.com/keg-project/keg/program"
)

// The layout as the assembly sees it (go_asm.h makes const_NAME of each).
const (
	dataBase     = program.DataBase
	headerReport = program.HeaderReport
	headerEntry  = program.HeaderEntry
	headerRecord = program.HeaderRecord

	opArgs      = program.OpArgs
	opCall      = program.OpCall
	opIndirect  = program.OpIndirect
	opStore     = program.OpStore
	opNext      = program.OpNext
	opErrno0    = program.OpErrno0
	opGoto0     = program.OpGoto0
	opErrno1    = program.OpErrno1
	opGoto1     = program.OpGoto1
	anyErrno    = program.AnyErrno
	opRetry     = program.OpRetry
	opWant      = program.OpWant
	opElse      = program.OpElse
	opWantMask  = program.OpWantMask
	opWantValue = program.OpWantValue
)

// codeRange returns the addresses of the interpreter's first byte and of the
// byte after its last. A Go func value of an assembly function would point to
// an ABI wrapper instead.
func codeRange() (start, end unsafe.Pointer)
