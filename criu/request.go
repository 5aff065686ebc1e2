package criu

import (
	"errors"
	"os"

	"github.com/checkpoint-restore/go-criu/v8/rpc"
)

// Names of the logs, in the directory for work: runc's.
const (
	dumpLog    = "dump.log"
	restoreLog = "restore.log"
)

// stats are the files that CRIU leaves beside its log.
var stats = map[string]string{dumpLog: "stats-dump", restoreLog: "stats-restore"}

// Dump saves processes; without LeaveRunning they have ended then.
func Dump(program string, o *Options, notice func(Notice) error) error {
	return save(program, rpc.CriuReqType_DUMP, o, notice)
}

// PreDump saves memory alone, so that a later dump need only save what has
// changed since.
func PreDump(program string, o *Options, notice func(Notice) error) error {
	return save(program, rpc.CriuReqType_PRE_DUMP, o, notice)
}

func save(program string, kind rpc.CriuReqType, o *Options, notice func(Notice) error) error {
	s, err := Start(Config{Program: program, Session: o.ShellJob})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.request(kind, o, dumpLog, notice)
	return err
}

// Restore makes processes from images. The first is a child of the caller's.
func (s *Server) Restore(o *Options, notice func(Notice) error) (pid int, err error) {
	resp, err := s.request(rpc.CriuReqType_RESTORE, o, restoreLog, notice)
	if err != nil {
		return 0, err
	}
	return int(resp.GetRestore().GetPid()), nil
}

func (s *Server) request(kind rpc.CriuReqType, o *Options, log string, notice func(Notice) error) (*rpc.CriuResp, error) {
	m := o.message(log)
	if kind == rpc.CriuReqType_RESTORE {
		yes := true
		m.RstSibling = &yes
	}
	// An earlier one's log explains nothing; and CRIU would write through a link,
	// of which images that came from elsewhere may have some.
	for _, name := range []string{log, stats[log]} {
		if err := os.Remove(in(o.Work, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	resp, err := s.Do(&rpc.CriuReq{Type: &kind, Opts: m}, notice)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		refusal.Log = readLog(o.Work, log)
		return nil, refusal
	}
	return resp, err
}
