/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves in packets, byte for byte; then says "done" or the name of the error.
 *
 *   packets query udp|tcp|split|tiny|second ADDRESS NAME TYPE
 *                                  asks port 53 for a name; \NNN is a byte, in decimal. Over TCP
 *                                  also in two segments, of equal size or the first of two bytes,
 *                                  or behind another question in the same
 *   packets hello whole|split|tiny|records|junk|bare ADDRESS PORT NAME
 *                                  says hello as a TLS client does: whole, in two segments or two
 *                                  records, with many other extensions first, or without any
 *   packets send WAY ADDRESS PORT BYTES
 *                                  so many bytes by write, send, sendmsg, sendmmsg, sendfile,
 *                                  splice, vmsplice, zerocopy (TCP), or datagram (UDP)
 *   packets stay …               does it, and then waits to be killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE (16 << 10)

static unsigned char message[8192];
static size_t length;
static bool stays;

static _Noreturn void say(const char *what)
{
	if (stays) {
		pause();
		exit(1);
	}
	dprintf(STDOUT_FILENO, "%s\n", what);
	exit(strcmp(what, "done") != 0);
}

static _Noreturn void fail(void)
{
	say(strerrorname_np(errno));
}

static void put(unsigned int value, int bytes)
{
	while (bytes--)
		message[length++] = (unsigned char)(value >> 8 * bytes);
}

static void put_bytes(const void *bytes, size_t count)
{
	memcpy(message + length, bytes, count);
	length += count;
}

static int peer_connect(const char *address, const char *port, int type)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)atoi(port)) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int family = strchr(address, ':') ? AF_INET6 : AF_INET, on = 1;
	int fd = socket(family, type, 0);

	if (inet_pton(family, address,
		      family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr) != 1)
		say("no address");
	if (fd < 0 ||
	    connect(fd, family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		    family == AF_INET ? sizeof(v4) : sizeof(v6)))
		fail();
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* The first bytes of the message, and then, in another segment, what is left. */
static void message_send(int fd, size_t first)
{
	if (send(fd, message, first, MSG_NOSIGNAL) != (ssize_t)first)
		fail();
	if (first == length)
		return;
	usleep(20000);
	if (send(fd, message + first, length - first, MSG_NOSIGNAL) < 0)
		fail();
}

/* How much of it comes first. */
static size_t first_part(const char *how)
{
	return !strcmp(how, "split") ? length / 2 : !strcmp(how, "tiny") ? 2 : length;
}

/* RFC 1035, 4.1.2: each label after its length. */
static void put_name(const char *name)
{
	size_t start;
	unsigned int byte;
	int used;

	while (*name) {
		start = length++;
		for (; *name && *name != '.'; name++) {
			if (*name == '\\' && sscanf(name + 1, "%3u%n", &byte, &used) == 1) {
				message[length++] = (unsigned char)byte;
				name += used;
			} else {
				message[length++] = (unsigned char)*name;
			}
		}
		message[start] = (unsigned char)(length - start - 1);
		if (*name)
			name++;
	}
	message[length++] = 0;
}

/* A whole question; over TCP behind its length. */
static void put_question(const char *name, unsigned int type, bool tcp)
{
	size_t start = length;

	if (tcp)
		put(0, 2);
	put(4711, 2);
	put(0x0100, 2);
	put(1, 2);
	put(0, 2);
	put(0, 2);
	put(0, 2);
	put_name(name);
	put(type, 2);
	put(1, 2);
	if (tcp) {
		message[start] = (unsigned char)((length - start - 2) >> 8);
		message[start + 1] = (unsigned char)(length - start - 2);
	}
}

static void query(char **argv)
{
	bool tcp = strcmp(argv[0], "udp") != 0;
	int fd = peer_connect(argv[1], "53", tcp ? SOCK_STREAM : SOCK_DGRAM);

	if (!strcmp(argv[0], "second"))
		put_question("www.example.org", 1, tcp);
	put_question(argv[2], (unsigned int)atoi(argv[3]), tcp);
	message_send(fd, first_part(argv[0]));
	say("done");
}

/* RFC 8446, 4.2 */
static void put_extension(unsigned int type, const void *bytes, size_t count)
{
	put(type, 2);
	put((unsigned int)count, 2);
	put_bytes(bytes, count);
}

static void put_extensions(const char *name, bool junk)
{
	static const unsigned char alpn[] = "\0\014\2h2\10http/1.1";
	static const unsigned char padding[1200];
	size_t size = strlen(name), start = length;
	unsigned char server[300] = { (unsigned char)((size + 3) >> 8), (unsigned char)(size + 3),
				      0, (unsigned char)(size >> 8), (unsigned char)size };

	length += 2;
	for (unsigned int i = 0; junk && i < 20; i++)
		put_extension(0x1a1a + i * 0x1010, padding, i ? 7 : sizeof(padding));
	memcpy(server + 5, name, size);
	put_extension(0, server, size + 5);
	put_extension(16, alpn, sizeof(alpn) - 1);
	message[start] = (unsigned char)((length - start - 2) >> 8);
	message[start + 1] = (unsigned char)(length - start - 2);
}

static void hello_make(const char *how, const char *name)
{
	static const unsigned char random[32];

	put_bytes("\26\3\1\0\0\1\0\0\0\3\3", 11);
	put_bytes(random, sizeof(random));
	put(32, 1);
	put_bytes(random, 32);
	put(4, 2);
	put(0x13011302, 4);
	put(1, 1);
	put(0, 1);
	if (strcmp(how, "bare") != 0)
		put_extensions(name, !strcmp(how, "junk"));
	message[3] = (unsigned char)((length - 5) >> 8);
	message[4] = (unsigned char)(length - 5);
	message[7] = (unsigned char)((length - 9) >> 8);
	message[8] = (unsigned char)(length - 9);
}

/* Two TLS records where one was: RFC 8446, 5.1. */
static void records_make(void)
{
	size_t rest = length - 5 - 60;

	memmove(message + 70, message + 65, rest);
	memcpy(message + 65, "\26\3\1", 3);
	message[68] = (unsigned char)(rest >> 8);
	message[69] = (unsigned char)rest;
	message[3] = 0;
	message[4] = 60;
	length += 5;
}

static void hello(char **argv)
{
	int fd = peer_connect(argv[1], argv[2], SOCK_STREAM);

	hello_make(argv[0], argv[3]);
	if (!strcmp(argv[0], "records"))
		records_make();
	message_send(fd, first_part(argv[0]));
	say("done");
}

/* A file in memory of that size. */
static int file_make(size_t size)
{
	int fd = memfd_create("payload", 0);

	if (fd < 0 || ftruncate(fd, (off_t)size))
		fail();
	return fd;
}

static ssize_t piece_message(int fd, void *piece, size_t size, bool many)
{
	struct iovec part = { piece, size };
	struct mmsghdr header = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };

	if (!many)
		return sendmsg(fd, &header.msg_hdr, 0);
	return sendmmsg(fd, &header, 1, 0) == 1 ? (ssize_t)header.msg_len : -1;
}

static ssize_t piece_splice(int fd, void *piece, size_t size, bool from_memory)
{
	struct iovec part = { piece, size };
	static int pipes[2] = { -1, -1 }, file = -1;
	ssize_t n;

	if (file < 0) {
		file = file_make(PIECE);
		if (pipe(pipes))
			fail();
	}
	if (from_memory)
		n = vmsplice(pipes[1], &part, 1, 0);
	else
		n = splice(file, &(loff_t) { 0 }, pipes[1], NULL, size, 0);
	return n > 0 ? splice(pipes[0], NULL, fd, NULL, (size_t)n, 0) : n;
}

static ssize_t piece_send(int fd, const char *way, void *piece, size_t size)
{
	static int file = -1;
	off_t start = 0;

	if (!strcmp(way, "send") || !strcmp(way, "datagram"))
		return send(fd, piece, size, MSG_NOSIGNAL);
	if (!strcmp(way, "sendmsg") || !strcmp(way, "sendmmsg"))
		return piece_message(fd, piece, size, way[5] == 'm');
	if (!strcmp(way, "splice") || !strcmp(way, "vmsplice"))
		return piece_splice(fd, piece, size, way[0] == 'v');
	if (!strcmp(way, "zerocopy"))
		return send(fd, piece, size, MSG_ZEROCOPY | MSG_NOSIGNAL);
	if (strcmp(way, "sendfile") != 0)
		return write(fd, piece, size);
	if (file < 0)
		file = file_make(PIECE);
	return sendfile(fd, file, &start, size);
}

static void transfer(char **argv)
{
	bool datagrams = !strcmp(argv[0], "datagram");
	int fd = peer_connect(argv[1], argv[2], datagrams ? SOCK_DGRAM : SOCK_STREAM), on = 1;
	long left = atol(argv[3]);
	struct timeval time = { .tv_sec = 2 };
	static char piece[PIECE];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
	/* who is cut off does not wait for ever */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
	for (; left > 0; left -= n) {
		n = piece_send(fd, argv[0], piece, (size_t)(left < PIECE ? left : PIECE));
		if (n <= 0)
			fail();
	}
	/* what waits to be sent when nobody is left is nobody's any more */
	if (!datagrams && (shutdown(fd, SHUT_WR) || recv(fd, piece, 1, 0)))
		fail();
	say("done");
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "stay")) {
		stays = true;
		alarm(300);
		argc--;
		argv++;
	}
	if (argc == 6 && !strcmp(argv[1], "query"))
		query(argv + 2);
	else if (argc == 6 && !strcmp(argv[1], "hello"))
		hello(argv + 2);
	else if (argc == 6 && !strcmp(argv[1], "send"))
		transfer(argv + 2);
	else
		return 2;
}
