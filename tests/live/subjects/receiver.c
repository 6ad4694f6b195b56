/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outside: takes every TCP connection and UDP datagram on one port, of all addresses.
 * To a connection that says "?" it tells "accepts bytes", without that connection. Such
 * a question comes after all that was sent before it, as the kernel queues in order, so
 * its answer is complete and nobody has to wait a while to be sure.
 *
 *   receiver PORT      prints "ready" when it takes connections
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256

static struct pollfd fds[2 + CONNECTIONS_MAX]; /* TCP, UDP, connections */
static nfds_t count = 2;
static unsigned long accepts, bytes;

static int socket_open(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK, 0), zero = 0, queue = 16;

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return -1;
	if (type != SOCK_STREAM)
		return fd;
	/* data in a SYN is taken, too */
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	return listen(fd, 64) ? -1 : fd;
}

static void connections_take(void)
{
	int fd;

	while (count < 2 + CONNECTIONS_MAX &&
	       (fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		accepts++;
		fds[count++] = (struct pollfd) { .fd = fd, .events = POLLIN };
	}
}

enum drained { DRAINED_OPEN, DRAINED_ENDED, DRAINED_ASKS };

/* Reads all that is there. */
static enum drained drain(int fd, int stream)
{
	char data[65536];
	ssize_t n;

	while ((n = recv(fd, data, sizeof(data), 0)) > 0) {
		if (stream && n == 1 && *data == '?')
			return DRAINED_ASKS;
		bytes += (unsigned long)n;
	}
	return n < 0 && errno == EAGAIN ? DRAINED_OPEN : DRAINED_ENDED;
}

static void forget(nfds_t i)
{
	close(fds[i].fd);
	fds[i] = fds[--count];
}

/* Takes what has come. Returns the descriptor of a connection that asks, or -1. */
static int take(void)
{
	int asks = -1;

	connections_take();
	drain(fds[1].fd, 0);
	for (nfds_t i = count; i-- > 2;) {
		enum drained drained = drain(fds[i].fd, 1);

		if (drained == DRAINED_ASKS)
			asks = fds[i].fd;
		else if (drained == DRAINED_ENDED)
			forget(i);
	}
	return asks;
}

static void answer(int asks)
{
	take(); /* what came before the question, and after its place in the last round */
	accepts--;
	dprintf(asks, "%lu %lu\n", accepts, bytes);
	for (nfds_t i = 2; i < count; i++)
		if (fds[i].fd == asks) {
			forget(i);
			return;
		}
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : 0;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 2; i++)
		fds[i] = (struct pollfd) { .fd = socket_open(i ? SOCK_DGRAM : SOCK_STREAM, port),
					   .events = POLLIN };
	if (fds[0].fd < 0 || fds[1].fd < 0) {
		perror("receiver");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int asks = take();

		if (asks >= 0)
			answer(asks);
		else
			poll(fds, count, -1);
	}
}
