/*
 * The floor under `keg run`: the system calls that the bundle beside this file
 * needs, by hand, without reading a configuration and without checking
 * anything. No runtime that does the same work can be faster than this.
 *
 *   floor STATE-DIRECTORY ROOTFS PROGRAM
 *
 * It is not a runtime: paths are followed blindly, and it stops at the first
 * error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY(call)                                                             \
	do {                                                                  \
		if ((call) < 0) {                                             \
			dprintf(2, "floor: %s: %s\n", #call, strerror(errno)); \
			_exit(125);                                           \
		}                                                             \
	} while (0)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SIMPLE = MS_NOSUID | MS_NOEXEC | MS_NODEV };

static const struct {
	const char *target, *type, *data;
	unsigned long flags;
} mounts[] = {
	{"proc", "proc", NULL, SIMPLE},
	{"dev", "tmpfs", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME},
	{"dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC},
	{"sys", "sysfs", NULL, SIMPLE | MS_RDONLY},
	{"dev/mqueue", "mqueue", NULL, SIMPLE},
	{"dev/shm", "tmpfs", "mode=1777,size=67108864", SIMPLE},
};

static const struct {
	const char *path;
	int major, minor;
} devices[] = {
	{"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
	{"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
};

static const char *const links[][2] = {
	{"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"},
	{"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
	{"/proc/kcore", "dev/core"}, {"pts/ptmx", "dev/ptmx"},
};

static const char *const masked[] = {
	"proc/asound", "proc/acpi", "proc/kcore", "proc/keys", "proc/latency_stats",
	"proc/timer_list", "proc/timer_stats", "proc/sched_debug", "proc/scsi", "sys/firmware",
};

static const char *const readonly[] = {
	"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
};

static const char *const controllers[] = {
	"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd",
};

/* chown dac_override fowner fsetid kill setgid setuid setpcap
 * net_bind_service net_raw sys_chroot mknod audit_write setfcap */
static const unsigned kept[] = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31};

static void put(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);

	TRY(fd);
	TRY(write(fd, text, strlen(text)));
	close(fd);
}

static void mount_all(void)
{
	char target[64], source[64];

	for (size_t i = 0; i < COUNT(mounts); i++) {
		mkdir(mounts[i].target, 0755);
		TRY(mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].data));
	}
	/* What version 1 shows of cgroups: a tmpfs with one bind per hierarchy. */
	TRY(mount("tmpfs", "sys/fs/cgroup", "tmpfs", SIMPLE, "mode=755"));
	for (size_t i = 0; i < COUNT(controllers); i++) {
		snprintf(target, sizeof(target), "sys/fs/cgroup/%s", controllers[i]);
		snprintf(source, sizeof(source), "/sys/fs/cgroup/%s/keg-floor", controllers[i]);
		TRY(mkdir(target, 0755));
		TRY(mount(source, target, NULL, MS_BIND, NULL));
		TRY(mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | SIMPLE, NULL));
	}
	TRY(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_RDONLY | SIMPLE, NULL));
}

static void fill_dev(void)
{
	mode_t old = umask(0);

	for (size_t i = 0; i < COUNT(devices); i++)
		TRY(mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)));
	for (size_t i = 0; i < COUNT(links); i++)
		TRY(symlink(links[i][0], links[i][1]));
	umask(old);
}

static void hide(void)
{
	struct stat st;

	/*
	 * Looking first is cheaper than trying: a bind that fails because its
	 * target is a directory has a cloned mount to throw away, and waits for
	 * RCU to do so.
	 */
	for (size_t i = 0; i < COUNT(masked); i++) {
		if (stat(masked[i], &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			TRY(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "size=0k"));
		else
			TRY(mount("dev/null", masked[i], NULL, MS_BIND, NULL));
	}
	for (size_t i = 0; i < COUNT(readonly); i++) {
		if (stat(readonly[i], &st) < 0)
			continue;
		TRY(mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL));
		TRY(mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | SIMPLE, NULL));
	}
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	TRY(fd);
	TRY(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

static void change_root(void)
{
	TRY(syscall(SYS_pivot_root, ".", "."));
	TRY(umount2(".", MNT_DETACH));
	TRY(chdir("/"));
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	unsigned long long all = 0;

	for (size_t i = 0; i < COUNT(kept); i++)
		all |= 1ULL << kept[i];
	for (unsigned cap = 0; cap <= 63; cap++)
		if (!(all >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
	data[0].effective = data[0].permitted = (unsigned)all;
	data[1].effective = data[1].permitted = (unsigned)(all >> 32);
	TRY(syscall(SYS_capset, &header, data));
}

static void cgroups(void (*each)(const char *path))
{
	char path[64];

	for (size_t i = 0; i < COUNT(controllers); i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/keg-floor", controllers[i]);
		each(path);
	}
}

static void inherit(int dir, const char *name)
{
	char parent[64], text[256] = "";
	int fd;

	snprintf(parent, sizeof(parent), "../%s", name);
	fd = openat(dir, parent, O_RDONLY | O_CLOEXEC);
	TRY(fd);
	TRY(read(fd, text, sizeof(text) - 1));
	close(fd);
	put(dir, name, text);
}

static void cgroup_make(const char *path)
{
	int dir;

	TRY(mkdir(path, 0755));
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	TRY(dir);
	if (strstr(path, "cpuset")) { /* empty lists take no process */
		inherit(dir, "cpuset.mems");
		inherit(dir, "cpuset.cpus");
	}
	close(dir);
}

/*
 * A process that moves itself, and only its own thread, needs no stable thread
 * group. Naming a process in cgroup.procs takes the lock that every fork in the
 * system takes for reading, and so waits for an RCU grace period: 4 to 12 ms.
 */
static void cgroup_enter(const char *path)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	TRY(dir);
	put(dir, "tasks", "0");
	close(dir);
}

static void cgroup_remove(const char *path)
{
	TRY(rmdir(path));
}

static void container(int ready, const char *rootfs, char **argv)
{
	static const gid_t groups[] = {0};
	static char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
				    "HOSTNAME=852408ab5a77", "TERM=xterm", "HOME=/root", NULL};
	char byte;

	TRY(read(ready, &byte, 1));
	cgroups(cgroup_enter);
	TRY(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
	TRY(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
	TRY(chdir(rootfs));
	mount_all();
	fill_dev();
	TRY(sethostname("852408ab5a77", 12));
	loopback_up();
	put(AT_FDCWD, "proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	put(AT_FDCWD, "proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	hide();
	change_root();
	TRY(setsid());
	TRY(syscall(SYS_keyctl, 1, "floor"));
	drop_capabilities();
	TRY(syscall(SYS_setgroups, 1, groups));
	TRY(setresgid(0, 0, 0));
	TRY(setresuid(0, 0, 0));
	TRY(syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC));
	TRY(execve(argv[0], argv, env));
}

static void state_write(const char *dir)
{
	char name[4096], text[4096] = "{";
	int fd;

	TRY(mkdir(dir, 0700));
	snprintf(name, sizeof(name), "%s/state.json", dir);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	TRY(fd);
	TRY(write(fd, text, sizeof(text)));
	close(fd);
}

static void state_remove(const char *dir)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s/state.json", dir);
	TRY(unlink(name));
	TRY(rmdir(dir));
}

int main(int argc, char **argv)
{
	int fds[2], status;
	pid_t pid;

	if (argc < 4)
		return 125;
	state_write(argv[1]);
	cgroups(cgroup_make);
	TRY(pipe2(fds, O_CLOEXEC));
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD,
			     NULL, NULL, NULL, NULL);
	TRY(pid);
	if (pid == 0)
		container(fds[0], argv[2], argv + 3);
	TRY(write(fds[1], "", 1));
	TRY(waitpid(pid, &status, 0));
	cgroups(cgroup_remove);
	state_remove(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
