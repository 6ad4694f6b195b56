/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends "SECRET" to an address, one way, from one kind of process; then says "done" or
 * the name of the error.
 *
 *   send connect|sendto|sendmsg|sendmmsg|fastopen|connected ADDRESS PORT
 *        [self|child|grandchild|thread]
 *
 * `connected` is UDP after a connect.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char secret[] = "SECRET";
static const char *way;
static union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} peer;
static socklen_t peer_size;

static int peer_read(const char *address, const char *port)
{
	if (strchr(address, ':')) {
		peer.v6.sin6_family = AF_INET6;
		peer.v6.sin6_port = htons((uint16_t)atoi(port));
		peer_size = sizeof(peer.v6);
		return inet_pton(AF_INET6, address, &peer.v6.sin6_addr) == 1;
	}
	peer.v4.sin_family = AF_INET;
	peer.v4.sin_port = htons((uint16_t)atoi(port));
	peer_size = sizeof(peer.v4);
	return inet_pton(AF_INET, address, &peer.v4.sin_addr) == 1;
}

static long send_connected(int fd)
{
	if (connect(fd, &peer.any, peer_size))
		return -1;
	return send(fd, secret, 6, MSG_NOSIGNAL);
}

static long send_datagram(int fd)
{
	struct iovec part = { (void *)secret, 6 };
	struct mmsghdr message = { .msg_hdr = { &peer.any, peer_size, &part, 1, NULL, 0, 0 } };

	if (!strcmp(way, "sendmsg"))
		return sendmsg(fd, &message.msg_hdr, 0);
	if (!strcmp(way, "sendmmsg"))
		return sendmmsg(fd, &message, 1, 0);
	return sendto(fd, secret, 6, 0, &peer.any, peer_size);
}

/* Returns the exit status. */
static int act(void)
{
	int stream = !strcmp(way, "connect") || !strcmp(way, "fastopen");
	int fd = socket(peer.any.sa_family, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
	const char *word = "done";
	long r = -1;

	if (!strcmp(way, "fastopen"))
		r = sendto(fd, secret, 6, MSG_FASTOPEN | MSG_NOSIGNAL, &peer.any, peer_size);
	else if (!strncmp(way, "connect", 7))
		r = send_connected(fd);
	else
		r = send_datagram(fd);
	if (r < 0)
		word = strerrorname_np(errno);
	dprintf(STDOUT_FILENO, "%s\n", word);
	return r < 0;
}

static void *act_thread(void *result)
{
	*(int *)result = act();
	return NULL;
}

/* In a child, after `more` further forks. A child that was killed counts as failed. */
static int act_below(int more)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(more ? act_below(more - 1) : act());
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	const char *who = argc > 4 ? argv[4] : "self";
	pthread_t thread;
	int result = 2;

	if (argc < 4 || !peer_read(argv[2], argv[3])) {
		fprintf(stderr, "usage: send WAY ADDRESS PORT [WHO]\n");
		return 2;
	}
	way = argv[1];
	if (!strcmp(who, "child"))
		return act_below(0);
	if (!strcmp(who, "grandchild"))
		return act_below(1);
	if (strcmp(who, "thread"))
		return act();
	if (pthread_create(&thread, NULL, act_thread, &result))
		return 2;
	pthread_join(thread, NULL);
	return result;
}
