// A process with a child, whose first thread ends before its other one.
#include <pthread.h>
#include <unistd.h>

static void *rest(void *unused)
{
	sleep(1000);
	return unused;
}

int main(void)
{
	pthread_t thread;
	if (fork() == 0) {
		sleep(1000);
		return 0;
	}
	if (pthread_create(&thread, NULL, rest, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
