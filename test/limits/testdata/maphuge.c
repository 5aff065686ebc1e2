/* maphuge SIZE_MB COUNT [norsv]: maps so many huge pages at once and writes to
   each; norsv: without reserving them. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
	size_t size = (size_t)atoi(argv[1]) << 20;
	int i, count = atoi(argv[2]), log = __builtin_ctzl(size);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | log << 26;
	char *p = mmap(NULL, size * count, PROT_READ | PROT_WRITE, argc > 3 ? flags | MAP_NORESERVE : flags, -1, 0);
	if (p == MAP_FAILED) {
		perror("mmap");
		return 3;
	}
	for (i = 0; i < count; i++) {
		p[size * i] = 1;
	}
	puts("written");
	return 0;
}
