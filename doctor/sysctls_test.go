package doctor

import "testing"

func TestKeys(t *testing.T) {
	const users = "    0:    25 24/24 22/1000000 400/25000000\n 1000:     5 5/5 160/200 75/20000\n"
	if used, most := keyQuota(users, 1000); used != 160 || most != 200 {
		t.Errorf("%d of %d", used, most)
	}
	if used, most := keyQuota(users, 100); used != 0 || most != 0 {
		t.Errorf("of nobody: %d of %d", used, most)
	}
	const user, root = "kernel.keys.maxkeys", "kernel.keys.root_maxkeys"
	check(t, []Finding{sysctlFacts{uid: 1, keysUsed: 3, keysMost: 200}.keys(), sysctlFacts{uid: 1, keysUsed: 160, keysMost: 200}.keys(), sysctlFacts{keysUsed: 200, keysMost: 200}.keys()},
		want{user, OK, "3 of 200", ""}, want{user, Warning, "160 of 200", "sysctl kernel.keys.maxkeys=20000"}, want{root, Error, "200 of 200", "--no-new-keyring"})
}

func TestMaxNamespaces(t *testing.T) {
	const name = "user.max_*_namespaces"
	of := func(kind string, n int) Finding {
		return sysctlFacts{namespaces: map[string]int{"user": 1000, kind: n}}.maxNamespaces()
	}
	check(t, []Finding{of("net", 100), of("net", 99), of("net", 0), of("time", 0), sysctlFacts{}.maxNamespaces()},
		want{name, OK, "", ""}, want{name, Warning, "user.max_net_namespaces is 99", "sysctl user.max_net_namespaces=15000"},
		want{name, Error, "is 0", "user.max_net_namespaces"}, want{name, Warning, "user.max_time_namespaces is 0", ""}, want{name, OK, "", ""})
}

func TestOtherSysctls(t *testing.T) {
	check(t, sysctlFacts{inotifyRead: true, inotify: 8, pidMax: 4096}.findings()[2:],
		want{"fs.inotify.max_user_instances", Warning, "8", "max_user_instances=1024"}, want{"kernel.pid_max", Warning, "4096", "kernel.pid_max=4194304"})
	check(t, sysctlFacts{pidMax: 32768}.findings()[2:], want{"kernel.pid_max", OK, "32768", ""})
}

func TestLimits(t *testing.T) {
	const table = "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max processes             unlimited            100                  processes \n" +
		"Max open files            1024                 2048                 files     \n"
	f := limitFacts{uid: 1000}
	f.nofile, f.nofileKnown = hardLimit(table, "Max open files")
	f.nproc, f.nprocKnown = hardLimit(table, "Max processes")
	check(t, f.findings(), want{"open files", Warning, "at most 2048", "LimitNOFILE="}, want{"processes", Warning, "at most 100", "LimitNPROC="})
	f.uid, f.nofile = 0, unlimited
	check(t, f.findings(), want{"open files", OK, "unlimited", ""}, want{"processes", OK, "100", ""})
	if _, known := hardLimit(table, "Max locked memory"); known {
		t.Error("a limit that the table has not")
	}
}
