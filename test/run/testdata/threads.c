// A process whose first thread ends before the others.
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
	if (pthread_create(&thread, NULL, rest, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
