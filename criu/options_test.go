package criu

import (
	"os"
	"reflect"
	"testing"

	"github.com/checkpoint-restore/go-criu/v8/rpc"
)

// Every option reaches CRIU, and none that was not asked for.
func TestMessage(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	before := (&Options{Images: dir, Work: dir}).message("x.log")
	if before.TcpEstablished != nil || before.ParentImg != nil || before.Ps != nil || before.EmptyNs != nil || before.Pid != nil {
		t.Errorf("without options: %+v", before)
	}
	for _, tt := range []struct {
		o    Options
		told func(*rpc.CriuOpts) bool
	}{
		{Options{Parent: "../1"}, func(m *rpc.CriuOpts) bool { return m.GetParentImg() == "../1" }},
		{Options{Root: "/r"}, func(m *rpc.CriuOpts) bool { return m.GetRoot() == "/r" }},
		{Options{Pid: 7}, func(m *rpc.CriuOpts) bool { return m.GetPid() == 7 }},
		{Options{FreezeCgroup: "/c"}, func(m *rpc.CriuOpts) bool { return m.GetFreezeCgroup() == "/c" }},
		{Options{External: []string{"mnt[/a]:b"}}, func(m *rpc.CriuOpts) bool { return m.GetExternal()[0] == "mnt[/a]:b" }},
		{Options{Join: []Join{{"uts", "/n"}}}, func(m *rpc.CriuOpts) bool {
			return m.GetJoinNs()[0].GetNs() == "uts" && m.GetJoinNs()[0].GetNsFile() == "/n"
		}},
		{Options{Inherit: []Inherited{{"a", nil}, {"b", nil}}}, func(m *rpc.CriuOpts) bool {
			in := m.GetInheritFd()
			return in[0].GetKey() == "a" && in[0].GetFd() == firstFile && in[1].GetKey() == "b" && in[1].GetFd() == firstFile+1
		}},
		{Options{EmptyNS: 0x40000000}, func(m *rpc.CriuOpts) bool { return m.GetEmptyNs() == 0x40000000 }},
		{Options{Cgroups: CgroupsStrict}, func(m *rpc.CriuOpts) bool { return m.GetManageCgroupsMode() == rpc.CriuCgMode_STRICT }},
		{Options{CgroupRoots: []CgroupRoot{{"cpu", "/x"}, {"", "/y"}}}, func(m *rpc.CriuOpts) bool {
			return m.GetCgRoot()[0].GetCtrl() == "cpu" && m.GetCgRoot()[1].Ctrl != nil && m.GetCgRoot()[1].GetPath() == "/y"
		}},
		{Options{LeaveRunning: true}, (*rpc.CriuOpts).GetLeaveRunning},
		{Options{TrackMemory: true}, (*rpc.CriuOpts).GetTrackMem},
		{Options{AutoDedup: true}, (*rpc.CriuOpts).GetAutoDedup},
		{Options{LazyPages: true}, (*rpc.CriuOpts).GetLazyPages},
		{Options{OldMounts: true}, (*rpc.CriuOpts).GetMntnsCompatMode},
		{Options{TCPEstablished: true}, (*rpc.CriuOpts).GetTcpEstablished},
		{Options{TCPSkipInFlight: true}, (*rpc.CriuOpts).GetTcpSkipInFlight},
		{Options{TCPClose: true}, (*rpc.CriuOpts).GetTcpClose},
		{Options{ExtUnixSk: true}, (*rpc.CriuOpts).GetExtUnixSk},
		{Options{ShellJob: true}, (*rpc.CriuOpts).GetShellJob},
		{Options{FileLocks: true}, (*rpc.CriuOpts).GetFileLocks},
		{Options{LinkRemap: true}, (*rpc.CriuOpts).GetLinkRemap},
		{Options{PageServer: &PageServer{"::1", 9}}, func(m *rpc.CriuOpts) bool { return m.GetPs().GetAddress() == "::1" && m.GetPs().GetPort() == 9 }},
		{Options{LSMProfile: "apparmor:x"}, func(m *rpc.CriuOpts) bool { return m.GetLsmProfile() == "apparmor:x" }},
		{Options{LSMMountContext: "c"}, func(m *rpc.CriuOpts) bool { return m.GetLsmMountContext() == "c" }},
		{Options{ConfigFile: "/f"}, func(m *rpc.CriuOpts) bool { return m.GetConfigFile() == "/f" }},
	} {
		tt.o.Images, tt.o.Work = dir, dir
		m := tt.o.message("x.log")
		if !tt.told(m) || m.GetLogFile() != "x.log" || m.GetImagesDirFd() != int32(dir.Fd()) || !m.GetNotifyScripts() || !m.GetOrphanPtsMaster() {
			t.Errorf("%+v: %+v", tt.o, m)
		}
	}
	if n := reflect.TypeFor[Options]().NumField(); n != 28 {
		t.Errorf("%d options: the table is for 28", n)
	}
}
