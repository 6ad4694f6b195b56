/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Races: what is looked at is changed by another thread while it is looked at. Tells how often
 * what is guarded was got, and how often it was not, for SECONDS.
 *
 *   race open SECONDS HARMLESS GUARDED	opens one path that becomes the other; both are equally long
 *   race exec SECONDS HARMLESS GUARDED	executes it; the guarded program ends with status 0
 *   race connect SECONDS HARMLESS GUARDED	connects to the one address or the other
 *   race rename SECONDS FROM TO REST	opens FROM/REST and TO/REST while FROM becomes TO and back
 *
 * Or one act as soon as another is done, or its process has ended:
 *
 *   race sequence 1 SECRET ADDRESS PORT	one thread opens, another sends
 *   race signal 1 SECRET ADDRESS PORT		one process opens and ends, another sends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long *counts; /* got, not got: by processes that may be killed */
static char **paths;
static union {
	char path[4096];
	struct sockaddr_in peer;
} shared;
static struct timespec end;

static int late(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec > end.tv_nsec);
}

static void *swap_paths(void *nothing)
{
	size_t size = strlen(paths[0]);

	for (unsigned int i = 0;; i++)
		memcpy(shared.path, paths[i & 1], size);
	return nothing;
}

static void *swap_addresses(void *nothing)
{
	struct in_addr addresses[2];

	inet_pton(AF_INET, paths[0], &addresses[0]);
	inet_pton(AF_INET, paths[1], &addresses[1]);
	for (unsigned int i = 0;; i++)
		shared.peer.sin_addr = addresses[i & 1];
	return nothing;
}

static void *swap_names(void *nothing)
{
	for (;;) {
		rename(paths[0], paths[1]);
		rename(paths[1], paths[0]);
	}
	return nothing;
}

static void count(int got)
{
	counts[!got]++;
	if (!got) /* each is an alert, and they are to be readable */
		usleep(500);
}

/* A file that is not the guarded one counts as not got. */
static void path_open(const char *path)
{
	char bytes[16] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 && errno == ENOENT)
		return;
	count(fd >= 0 && read(fd, bytes, 10) == 10 && !strcmp(bytes, "the secret"));
	if (fd >= 0)
		close(fd);
}

static void once_open(void)
{
	path_open(shared.path);
}

static void once_rename(void)
{
	static unsigned int round;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", paths[round++ & 1], paths[2]);
	path_open(path);
}

static void once_exec(void)
{
	int status = 1;
	pid_t child = vfork();

	if (!child) {
		execl(shared.path, shared.path, NULL);
		_exit(3);
	}
	if (child > 0 && waitpid(child, &status, 0) == child)
		count(!status);
}

static void once_connect(void)
{
	struct sockaddr_in peer = { 0 };
	socklen_t size = sizeof(peer);
	struct in_addr guarded;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, paths[1], &guarded);
	connect(fd, (struct sockaddr *)&shared.peer, sizeof(shared.peer));
	getpeername(fd, (struct sockaddr *)&peer, &size);
	count(peer.sin_addr.s_addr == guarded.s_addr);
	close(fd);
}

/* "SECRET", as in the subject `send`. */
static void outside_send(char **to)
{
	struct sockaddr_in peer = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(to[1])) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, to[0], &peer.sin_addr);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		return;
	if (write(fd, "SECRET", 6) == 6 && write(STDOUT_FILENO, "done\n", 5) == 5)
		close(fd);
}

static atomic_int opened;

static void *sends_then(void *to)
{
	while (!atomic_load(&opened))
		;
	outside_send(to);
	return NULL;
}

static int sequence(char **argv)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sends_then, argv + 1))
		return 2;
	usleep(10000);
	atomic_store(&opened, open(argv[0], O_RDONLY) >= 0);
	pthread_join(thread, NULL);
	return 0;
}

static int after_signal(char **argv)
{
	struct pollfd ended = { .events = POLLIN };
	pid_t child = fork();

	if (!child) {
		usleep(10000);
		_exit(open(argv[0], O_RDONLY) < 0);
	}
	ended.fd = (int)syscall(SYS_pidfd_open, child, 0);
	while (ended.fd >= 0 && !poll(&ended, 1, 0))
		;
	outside_send(argv + 1);
	return 0;
}

static const struct {
	const char *name;
	void *(*swap)(void *);
	void (*once)(void);
} ways[] = {
	{ "open", swap_paths, once_open },
	{ "exec", swap_paths, once_exec },
	{ "connect", swap_addresses, once_connect },
	{ "rename", swap_names, once_rename },
};

/* By a child, which the thread is in: it may be killed, and then by another. */
static void race(size_t way)
{
	pthread_t thread;
	pid_t child = fork();

	if (child < 0)
		exit(2);
	if (child) {
		int status;

		if (waitpid(child, &status, 0) == child && WIFSIGNALED(status))
			counts[1]++;
		return;
	}
	if (pthread_create(&thread, NULL, ways[way].swap, NULL))
		_exit(2);
	while (!late())
		ways[way].once();
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc > 5 && !strcmp(argv[1], "sequence"))
		return sequence(argv + 3);
	if (argc > 5 && !strcmp(argv[1], "signal"))
		return after_signal(argv + 3);
	for (size_t i = 0; argc > 4 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, argv[1]))
			continue;
		paths = argv + 3;
		if (!strcmp(argv[1], "connect"))
			shared.peer = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = 9 };
		else
			strcpy(shared.path, paths[0]);
		counts =
			mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec += atoi(argv[2]);
		while (!late())
			race(i);
		printf("%lu %lu\n", counts[0], counts[1]);
		return 0;
	}
	fprintf(stderr, "usage: race WAY SECONDS HARMLESS GUARDED [REST]\n");
	return 2;
}
