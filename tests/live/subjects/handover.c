/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that go from one process to another.
 *
 *   handover serve together|each NAME FILE...
 *        has the files open from descriptor 100 on, says "ready", and sends them to whoever
 *        connects to the unix socket: all in one message, or each in its own. FILE may be
 *        pipe, memory, path:FILE for one that is not open but named (O_PATH), or new:FILE for
 *        one that is created for reading and writing
 *   handover recvmsg|recvmmsg|recvmsg80|recvmmsg80|socketcall NAME COUNT
 *        receives so many, in so many messages if it is by a call for many; 80: by the 32-bit
 *        call; socketcall: by the 32-bit one for all calls on sockets
 *   handover getfd|getfd80 PID DESCRIPTOR
 *
 * Who receives says "done"; "withheld" when the call succeeds and descriptors are missing; or
 * the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST 100
#define COUNT_MAX 16

static int connection(const char *name, int server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strncpy(address.sun_path, name, sizeof(address.sun_path) - 1);
	if (fd < 0)
		return -1;
	if (!server)
		return connect(fd, (void *)&address, sizeof(address)) ? -1 : fd;
	return bind(fd, (void *)&address, sizeof(address)) || listen(fd, 100) ? -1 : fd;
}

static int file_of(const char *name)
{
	int ends[2];

	if (!strcmp(name, "pipe"))
		return pipe(ends) ? -1 : ends[0];
	if (!strcmp(name, "memory"))
		return memfd_create("memory", 0);
	if (!strncmp(name, "path:", 5))
		return open(name + 5, O_PATH);
	if (!strncmp(name, "new:", 4))
		return open(name + 4, O_RDWR | O_CREAT | O_EXCL, 0600);
	return open(name, O_RDONLY);
}

static void hand_over(int to, int first, int count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(COUNT_MAX * sizeof(int))];
	} control = { .header = { CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec part = { "x", 1 };
	struct msghdr message = { NULL, 0, &part, 1, &control, CMSG_SPACE(count * sizeof(int)), 0 };

	for (int i = 0; i < count; i++)
		((int *)CMSG_DATA(&control.header))[i] = first + i;
	sendmsg(to, &message, MSG_NOSIGNAL);
}

static int serve(char **argv, int count)
{
	int each = !strcmp(argv[0], "each"), server = connection(argv[1], 1), to;

	for (int i = 0; i < count; i++)
		dup2(file_of(argv[2 + i]), FIRST + i);
	puts("ready");
	fflush(stdout);
	while ((to = accept(server, NULL, NULL)) >= 0) {
		for (int i = 0; each && i < count; i++)
			hand_over(to, FIRST + i, 1);
		if (!each)
			hand_over(to, FIRST, count);
		close(to);
	}
	return 1;
}

/* The 32-bit call, from 64-bit code: all that is pointed to is below 4 GiB. */
static int call80(int number, int a, void *b, int c)
{
	int result = number;

	asm volatile("push %%rbp\n\txor %%ebp, %%ebp\n\tint $0x80\n\tpop %%rbp"
		     : "+a"(result)
		     : "b"(a), "c"((int)(long)b), "d"(c), "S"(0), "D"(0)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static char *low;

static void *low_take(size_t size)
{
	char *taken = low;

	if (!low)
		taken = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	low = taken + ((size + 63) & ~63ul);
	return taken;
}

#define CONTROL_SIZE 256

/* Messages to be received into; of a 32-bit call, in its form: a struct compat_mmsghdr. */
static void *messages_make(int count, int compat)
{
	struct mmsghdr *messages = low_take((size_t)count * sizeof(*messages));
	uint32_t *word = (void *)messages;

	for (int i = 0; i < count; i++) {
		struct iovec *part = low_take(sizeof(*part));
		char *byte = low_take(1), *control = low_take(CONTROL_SIZE);

		if (!compat) {
			*part = (struct iovec) { byte, 1 };
			messages[i].msg_hdr =
				(struct msghdr) { NULL, 0, part, 1, control, CONTROL_SIZE, 0 };
			continue;
		}
		memcpy(part, (uint32_t[]) { (uint32_t)(long)byte, 1 }, 8);
		memcpy(word + 8 * i,
		       (uint32_t[]) { 0, 0, (uint32_t)(long)part, 1, (uint32_t)(long)control,
				      CONTROL_SIZE, 0, 0 },
		       32);
	}
	return messages;
}

/* How many descriptors a message has brought. The credentials that come first are to be passed
 * over. */
static int message_count(void *messages, int i, int compat)
{
	struct msghdr *message = &((struct mmsghdr *)messages)[i].msg_hdr;
	uint32_t *word = (uint32_t *)messages + 8 * i, length, at = 0;
	int count = 0;

	if (!compat) {
		for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
			if (c->cmsg_type == SCM_RIGHTS)
				count += (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		return count;
	}
	while (at + 12 <= word[5]) {
		uint32_t *c = (uint32_t *)((long)word[4] + at);

		length = c[0];
		if (length < 12)
			break;
		if (c[2] == SCM_RIGHTS)
			count += (int)(length - 12) / 4;
		at += (length + 3) & ~3u;
	}
	return count;
}

static int receive(const char *way, char **argv)
{
	int wanted = atoi(argv[1]), fd = connection(argv[0], 0), one = 1, count = 0, r;
	int compat = !strcmp(way, "socketcall") || strstr(way, "80");
	int many = !strncmp(way, "recvmmsg", 8);
	void *messages = messages_make(wanted, compat);
	uint32_t *arguments = low_take(24);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)))
		return -1;
	memcpy(arguments, (uint32_t[]) { (uint32_t)fd, (uint32_t)(long)messages, 0 }, 12);
	if (!strcmp(way, "socketcall"))
		r = call80(102, 17, arguments, 0);
	else if (!strcmp(way, "recvmsg80"))
		r = call80(372, fd, messages, 0);
	else if (!strcmp(way, "recvmmsg80"))
		r = call80(417, fd, messages, wanted);
	else if (many)
		r = (int)syscall(SYS_recvmmsg, fd, messages, wanted, 0, NULL);
	else
		r = (int)syscall(SYS_recvmsg, fd, messages, 0);
	if (r < 0)
		return r;
	for (int i = 0; i < (many ? r : 1); i++)
		count += message_count(messages, i, compat);
	return count == wanted ? 1 : 0;
}

static int getfd(const char *way, char **argv)
{
	int process = (int)syscall(SYS_pidfd_open, atoi(argv[0]), 0), fd = atoi(argv[1]);

	fd = strcmp(way, "getfd") ? call80(SYS_pidfd_getfd, process, (void *)(long)fd, 0)
				  : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	return fd < 0 ? -1 : 1;
}

int main(int argc, char **argv)
{
	char word[64];
	int r;

	if (argc > 4 && argc <= 4 + COUNT_MAX && !strcmp(argv[1], "serve"))
		return serve(argv + 2, argc - 4);
	if (argc != 4) {
		fprintf(stderr, "usage: handover WAY ARGUMENT...\n");
		return 2;
	}
	r = strncmp(argv[1], "getfd", 5) ? receive(argv[1], argv + 2) : getfd(argv[1], argv + 2);
	snprintf(word, sizeof(word), "%s\n",
		 r > 0 ? "done"
		 : !r  ? "withheld"
		       : strerrorname_np(errno));
	return write(STDOUT_FILENO, word, strlen(word)) > 0 ? r <= 0 : 2;
}
