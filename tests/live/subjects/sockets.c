/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act on a socket, and then at once a word on standard output: "done", or the name of the
 * error. A name that begins with '@' is an abstract one.
 *
 *   sockets bind|bind80|listen|accept ADDRESS PORT
 *   sockets socket|socketpair|socket80 FAMILY TYPE PROTOCOL      (numbers)
 *   sockets connect|connect80|sendto|sendto80|sendmsg|sendmmsg|connected NAME
 *   sockets sendmmsg2 NAME NAME           a message to each; ECANCELED: to the first only
 *   sockets vsock|vsock_begun CID PORT    begun: does not wait for the connection
 *   sockets serve stream|dgram NAME       waits, and says "ready" when it does
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_storage address;
static socklen_t size;

static void internet(char **argv)
{
	struct sockaddr_in *v4 = (void *)&address;
	struct sockaddr_in6 *v6 = (void *)&address;

	if (strchr(argv[0], ':')) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)atoi(argv[1]));
		inet_pton(AF_INET6, argv[0], &v6->sin6_addr);
		size = sizeof(*v6);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)atoi(argv[1]));
		inet_pton(AF_INET, argv[0], &v4->sin_addr);
		size = sizeof(*v4);
	}
}

static void local(const char *name)
{
	struct sockaddr_un *un = (void *)&address;
	size_t length = strlen(name);

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, length);
	if (*name == '@')
		un->sun_path[0] = '\0';
	/* the kernel ends a path by itself: what is behind it does not count */
	memset(un->sun_path + length, 'x', 8);
	size = (socklen_t)(sizeof(un->sun_family) + length);
}

/* socketcall(2) of 32-bit programs, from 64-bit code: everything is below 4 GiB. */
static int call80(int call, int first, int second, int third)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int *arguments = (void *)low, result = 102;

	if (low == MAP_FAILED)
		return -1;
	memcpy(low + 1024, &address, sizeof(address));
	arguments[0] = first;
	arguments[1] = call == 1 ? second : (int)(long)low + 1024;
	arguments[2] = third;
	if (call == 11) {
		arguments[1] = (int)(long)low + 2048;
		arguments[2] = 0;
		arguments[3] = 0;
		arguments[4] = (int)(long)low + 1024;
		arguments[5] = third;
	}
	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"(call), "c"((int)(long)low)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static int opened(int type)
{
	int fd = socket(address.ss_family, type, 0), one = 1;

	if (fd < 0) {
		puts(strerrorname_np(errno));
		exit(1);
	}
	/* of the last test's connection, which has not been forgotten */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static int by_bind(char **argv)
{
	internet(argv);
	return bind(opened(SOCK_STREAM), (void *)&address, size);
}

static int by_bind80(char **argv)
{
	internet(argv);
	return call80(2, opened(SOCK_STREAM), 0, (int)size);
}

static int by_listen(char **argv)
{
	int fd;

	internet(argv);
	fd = opened(SOCK_STREAM);
	return bind(fd, (void *)&address, size) ? -1 : listen(fd, 1);
}

/* Of a connection of its own. */
static int by_accept(char **argv)
{
	int fd, own;

	internet(argv);
	fd = opened(SOCK_STREAM);
	own = opened(SOCK_STREAM);
	if (bind(fd, (void *)&address, size) || listen(fd, 1) ||
	    connect(own, (void *)&address, size))
		return -1;
	return accept(fd, NULL, NULL);
}

static int by_socket(char **argv)
{
	return socket(atoi(argv[0]), atoi(argv[1]) | SOCK_CLOEXEC, atoi(argv[2]));
}

static int by_socket80(char **argv)
{
	return call80(1, atoi(argv[0]), atoi(argv[1]), atoi(argv[2]));
}

static int by_connect(char **argv)
{
	local(argv[0]);
	return connect(opened(SOCK_STREAM), (void *)&address, size);
}

static int by_connect80(char **argv)
{
	local(argv[0]);
	return call80(3, opened(SOCK_STREAM), 0, (int)size);
}

static int by_sendto(char **argv)
{
	local(argv[0]);
	return (int)sendto(opened(SOCK_DGRAM), "x", 1, 0, (void *)&address, size);
}

static int by_sendto80(char **argv)
{
	local(argv[0]);
	return call80(11, opened(SOCK_DGRAM), 0, (int)size);
}

static struct mmsghdr *message(void)
{
	static struct iovec part = { "x", 1 };
	static struct mmsghdr one;

	one.msg_hdr = (struct msghdr) { &address, size, &part, 1, NULL, 0, 0 };
	return &one;
}

static int by_sendmsg(char **argv)
{
	local(argv[0]);
	return (int)sendmsg(opened(SOCK_DGRAM), &message()->msg_hdr, 0);
}

static int by_sendmmsg(char **argv)
{
	local(argv[0]);
	return sendmmsg(opened(SOCK_DGRAM), message(), 1, 0);
}

static int by_sendmmsg2(char **argv)
{
	static struct sockaddr_storage first;
	struct mmsghdr two[2];
	int fd, sent;

	local(argv[0]);
	two[0] = *message();
	first = address;
	two[0].msg_hdr.msg_name = &first;
	local(argv[1]);
	two[1] = *message();
	fd = opened(SOCK_DGRAM);
	sent = sendmmsg(fd, two, 2, 0);
	/* the kernel does not tell why the second was not sent */
	if (sent == 1)
		errno = ECANCELED;
	return sent == 2 ? 0 : -1;
}

static int by_connected(char **argv)
{
	int fd;

	local(argv[0]);
	fd = opened(SOCK_DGRAM);
	return connect(fd, (void *)&address, size) ? -1 : (int)send(fd, "x", 1, 0);
}

static int vsock_connect(char **argv, int type)
{
	struct sockaddr_vm *vm = (void *)&address;

	vm->svm_family = AF_VSOCK;
	vm->svm_cid = (unsigned int)atoi(argv[0]);
	vm->svm_port = (unsigned int)atoi(argv[1]);
	return connect(opened(type), (void *)&address, sizeof(*vm));
}

static int by_vsock(char **argv)
{
	return vsock_connect(argv, SOCK_STREAM);
}

static int by_vsock_begun(char **argv)
{
	return vsock_connect(argv, SOCK_STREAM | SOCK_NONBLOCK);
}

static int by_serve(char **argv)
{
	int stream = !strcmp(argv[0], "stream"), fd;

	local(argv[1]);
	fd = opened(stream ? SOCK_STREAM : SOCK_DGRAM);
	if (bind(fd, (void *)&address, size) || (stream && listen(fd, 100)))
		return -1;
	puts("ready");
	fflush(stdout);
	return pause();
}

static const struct {
	const char *name;
	int (*act)(char **argv);
	int arguments;
} ways[] = {
	{ "bind", by_bind, 2 },
	{ "bind80", by_bind80, 2 },
	{ "listen", by_listen, 2 },
	{ "accept", by_accept, 2 },
	{ "socket", by_socket, 3 },
	{ "socket80", by_socket80, 3 },
	{ "connect", by_connect, 1 },
	{ "connect80", by_connect80, 1 },
	{ "sendto", by_sendto, 1 },
	{ "sendto80", by_sendto80, 1 },
	{ "sendmsg", by_sendmsg, 1 },
	{ "sendmmsg", by_sendmmsg, 1 },
	{ "connected", by_connected, 1 },
	{ "vsock", by_vsock, 2 },
	{ "serve", by_serve, 2 },
	{ "sendmmsg2", by_sendmmsg2, 2 },
	{ "vsock_begun", by_vsock_begun, 2 },
};

int main(int argc, char **argv)
{
	char word[64] = "done\n";
	int status = 0;

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, argv[1]) || argc != 2 + ways[i].arguments)
			continue;
		if (ways[i].act(argv + 2) < 0) {
			snprintf(word, sizeof(word), "%s\n", strerrorname_np(errno));
			status = 1;
		}
		return write(STDOUT_FILENO, word, strlen(word)) > 0 ? status : 2;
	}
	fprintf(stderr, "usage: sockets WAY ARGUMENT...\n");
	return 2;
}
