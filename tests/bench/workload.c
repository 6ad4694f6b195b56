/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work that the overhead gauges measure: the same few system calls, many times. Prints
 * one line for each: its name, and the processor time of one, in nanoseconds, of this
 * process and the children it waited for.
 *
 *   workload [--total] DIRECTORY [NAME...]     makes its file in DIRECTORY; only the NAMEd
 *
 * --total  a third column: what the whole machine did for one, until it was idle again. The
 *          machine has one processor and nothing else to do.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char file[64];
static const char *self;
static int listener, sender, receiver;
static struct sockaddr_in tcp, udp;

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void open_close(void)
{
	int fd = open(file, O_RDONLY);

	must(fd >= 0, "open");
	close(fd);
}

static void open_read_close(void)
{
	static char page[4096];
	int fd = open(file, O_RDONLY);

	must(fd >= 0 && read(fd, page, sizeof(page)) == sizeof(page), "read");
	close(fd);
}

static void fork_exit(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

static void fork_exec(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execl(self, self, "exit", NULL);
		_exit(2);
	}
	must(child > 0 && waitpid(child, &status, 0) == child && !status, "exec");
}

static void connect_close(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer;

	must(!connect(fd, (struct sockaddr *)&tcp, sizeof(tcp)), "connect");
	peer = accept(listener, NULL, NULL);
	must(peer >= 0, "accept");
	close(peer);
	close(fd);
}

static void udp_send(void)
{
	char byte = 0;

	must(sendto(sender, &byte, 1, 0, (struct sockaddr *)&udp, sizeof(udp)) == 1, "sendto");
	must(recv(receiver, &byte, 1, 0) == 1, "recv");
}

static const struct {
	const char *name;
	void (*once)(void);
	int times;
} works[] = {
	{ "open+close", open_close, 4000 },
	{ "open+read+close", open_read_close, 2000 },
	{ "fork+exit", fork_exit, 200 },
	{ "fork+exec+exit", fork_exec, 200 },
	{ "connect+accept+close", connect_close, 400 },
	{ "udp send+recv", udp_send, 2000 },
};

static int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, type, 0);

	*address = (struct sockaddr_in) { .sin_family = AF_INET };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(fd >= 0 && !bind(fd, (struct sockaddr *)address, size) &&
		     !getsockname(fd, (struct sockaddr *)address, &size),
	     "bind");
	return fd;
}

static double used(void)
{
	double sum = 0;
	const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };

	for (int i = 0; i < 2; i++) {
		struct rusage usage;

		getrusage(whose[i], &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
	}
	return sum;
}

/* What the processor has done since the machine started, in nanoseconds: the time less
 * that in which it was idle. /proc/uptime has the same in hundredths of a second. */
static double busy(void)
{
	static FILE *list;
	char line[256];
	unsigned long long now = 0, idle = 0;

	if (!list)
		list = fopen("/proc/timer_list", "re");
	must(list != NULL, "/proc/timer_list");
	rewind(list);
	while (fgets(line, sizeof(line), list)) {
		sscanf(line, "now at %llu nsecs", &now);
		sscanf(line, " .idle_sleeptime : %llu nsecs", &idle);
	}
	must(now && idle, "/proc/timer_list");
	return (double)(now - idle);
}

/* Until all that was told is read and written: a monitor may gather for a while. */
static void settle(void)
{
	usleep(400000);
}

static int wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

static void prepare(const char *directory)
{
	static const char page[4096];
	int fd;

	/* a path of 33 bytes, as the neighbours were measured with */
	must(snprintf(file, sizeof(file), "%s/%0*d", directory, 32 - (int)strlen(directory), 0) ==
		     33,
	     "directory");
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(fd >= 0 && write(fd, page, sizeof(page)) == sizeof(page), file);
	close(fd);
	listener = bound(SOCK_STREAM, &tcp);
	must(!listen(listener, 16), "listen");
	receiver = bound(SOCK_DGRAM, &udp);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
}

static void measure(void (*once)(void), const char *name, int times, int total)
{
	double start, own, all = 0;

	for (int n = 0; n < times / 4; n++)
		once();
	if (total) {
		settle();
		all = busy();
	}
	start = used();
	for (int n = 0; n < times; n++)
		once();
	own = used() - start;
	printf("%s\t%.0f", name, own / times);
	if (total) {
		settle();
		printf("\t%.0f", (busy() - all) / times);
	}
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int total = argc > 1 && !strcmp(argv[1], "--total");

	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	if (argc < 2 + total)
		return 2;
	self = argv[0];
	argv += total;
	prepare(argv[1]);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		if (wanted(works[i].name, argv + 2))
			measure(works[i].once, works[i].name, works[i].times, total);
	unlink(file);
	return 0;
}
