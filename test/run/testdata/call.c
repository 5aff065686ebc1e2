/* call [-32] NR [ARG...] makes one system call and prints its result, or the
 * errno as a negative number; -32 makes it as a program for 386 would. -trap
 * says that SIGSYS came; -thread has the main thread make the call while another
 * waits half a second and ends the process with status 7. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <sys/syscall.h>

static void trapped(int sig, siginfo_t *info, void *context)
{
	printf("SIGSYS for %d\n", info->si_syscall);
	fflush(stdout);
	_exit(3);
}

static void *later(void *p)
{
	usleep(500000);
	_exit(7);
}

static long call32(long nr, long *a)
{
#ifdef __x86_64__
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]) : "memory", "r8", "r9", "r10", "r11");
	return (int)r;
#endif
	return -ENOSYS;
}

int main(int argc, char **argv)
{
	long a[6] = {0}, r;
	int wide = 1, i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-32"))
			wide = 0;
		if (!strcmp(argv[i], "-trap")) {
			struct sigaction sa = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
			sigaction(SIGSYS, &sa, NULL);
		}
		if (!strcmp(argv[i], "-thread")) {
			pthread_t t;
			pthread_create(&t, NULL, later, NULL);
		}
	}
	long nr = strtol(argv[i++], NULL, 0);
	for (int k = 0; i < argc && k < 6; i++, k++)
		a[k] = (long)strtoull(argv[i], NULL, 0);
	if (wide) {
		r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (r == -1)
			r = -errno;
	} else {
		r = call32(nr, a);
	}
	printf("%ld\n", r);
	return 0;
}
