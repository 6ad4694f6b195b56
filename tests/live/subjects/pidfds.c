/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For valgrind, which up to 3.19 does not know pidfd_open(2) and lets it fail. The program
 * makes such calls for others, who ask through a socket; as pidfds.so, loaded before the C
 * library into the program that is examined, it is the one who asks.
 *
 *   pidfds SOCKET      prints "ready" when it can be asked
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The answer: an error number, and with 0 the descriptor. */
struct answer {
	struct msghdr message;
	struct iovec part;
	int error;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
};

static void answer_init(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->part.iov_base = &answer->error;
	answer->part.iov_len = sizeof(answer->error);
	answer->message.msg_iov = &answer->part;
	answer->message.msg_iovlen = 1;
	answer->message.msg_control = &answer->control;
	answer->message.msg_controllen = sizeof(answer->control);
}

static int socket_open(const char *path, struct sockaddr_un *address)
{
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

#ifdef PRELOAD
static long pidfd_ask(int pid)
{
	struct sockaddr_un address;
	const char *path = getenv("PIDFDS");
	int fd = socket_open(path ? path : "", &address);
	struct answer answer;

	answer_init(&answer);
	answer.error = EIO;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    write(fd, &pid, sizeof(pid)) == sizeof(pid) &&
	    recvmsg(fd, &answer.message, MSG_CMSG_CLOEXEC) < 0)
		answer.error = errno;
	close(fd);
	errno = answer.error;
	if (answer.error)
		return -1;
	memcpy(&fd, CMSG_DATA(&answer.control.head), sizeof(fd));
	return fd;
}

/* In place of the C library's. */
long syscall(long number, ...)
{
	register long r10 asm("r10"), r8 asm("r8"), r9 asm("r9");
	long argument[6], result;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_pidfd_open)
		return pidfd_ask((int)argument[0]);
	r10 = argument[3];
	r8 = argument[4];
	r9 = argument[5];
	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(argument[0]), "S"(argument[1]), "d"(argument[2]), "r"(r10),
		       "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}
#else
static void serve(int connection)
{
	struct answer answer;
	int pid, fd;

	if (read(connection, &pid, sizeof(pid)) != sizeof(pid))
		return;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	answer_init(&answer);
	answer.control.head.cmsg_len = CMSG_LEN(sizeof(fd));
	answer.control.head.cmsg_level = SOL_SOCKET;
	answer.control.head.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&answer.control.head), &fd, sizeof(fd));
	if (fd < 0) {
		answer.error = errno;
		answer.message.msg_controllen = 0;
	}
	if (sendmsg(connection, &answer.message, MSG_NOSIGNAL) < 0)
		perror("pidfds");
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address;
	int fd, connection;

	fd = argc > 1 ? socket_open(argv[1], &address) : -1;
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16)) {
		perror("pidfds");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while ((connection = accept(fd, NULL, NULL)) >= 0) {
		serve(connection);
		close(connection);
	}
	return 1;
}
#endif
