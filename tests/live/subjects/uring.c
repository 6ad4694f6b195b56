/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io_uring: makes a ring, and has a file opened by it if one is named; then a word on
 * standard output: "done", or the name of the error.
 *
 *   uring setup|int80|x32|async PATH|open PATH
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 4
#define X32_BIT 0x40000000

/* The 32-bit system call, from 64-bit code; its pointer must be below 4 GiB. */
static int setup_int80(void)
{
	struct io_uring_params *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int result = 425; /* io_uring_setup */

	if (low == MAP_FAILED)
		return -errno;
	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"(ENTRIES), "c"((int)(long)low)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int setup(const char *way, struct io_uring_params *parameters)
{
	long number = SYS_io_uring_setup + (strcmp(way, "x32") ? 0 : X32_BIT);
	int ring = (int)syscall(number, ENTRIES, parameters);

	return ring < 0 ? -errno : ring;
}

/* Has the ring open the file. Returns a descriptor or -errno. */
static int ring_open(int ring, const struct io_uring_params *parameters, const char *path,
		     unsigned int flags)
{
	size_t size =
		parameters->cq_off.cqes + parameters->cq_entries * sizeof(struct io_uring_cqe);
	char *rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
			   IORING_OFF_SQ_RING);
	struct io_uring_sqe *entry = mmap(NULL, ENTRIES * sizeof(*entry), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);

	if (rings == MAP_FAILED || entry == MAP_FAILED)
		return -errno;
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_OPENAT;
	entry->flags = flags;
	entry->fd = AT_FDCWD;
	entry->addr = (unsigned long)path;
	entry->open_flags = O_RDONLY;
	*(unsigned int *)(rings + parameters->sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(rings + parameters->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	return ((struct io_uring_cqe *)(rings + parameters->cq_off.cqes))->res;
}

int main(int argc, char **argv)
{
	struct io_uring_params parameters = { 0 };
	char word[64] = "done\n";
	int r;

	if (argc < 2)
		return 2;
	r = strcmp(argv[1], "int80") ? setup(argv[1], &parameters) : setup_int80();
	if (r >= 0 && argc > 2)
		r = ring_open(r, &parameters, argv[2], strcmp(argv[1], "async") ? 0 : IOSQE_ASYNC);
	if (r < 0)
		snprintf(word, sizeof(word), "%s\n", strerrorname_np(-r));
	if (write(STDOUT_FILENO, word, strlen(word)) < 0)
		return 2;
	return r < 0;
}
