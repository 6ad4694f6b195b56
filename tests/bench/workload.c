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
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
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

/* `file` with another last letter. */
static const char *other(void)
{
	static char path[sizeof(file)];

	memcpy(path, file, sizeof(file));
	path[strlen(path) - 1] = 'x';
	return path;
}

static void create_unlink(void)
{
	int fd = open(other(), O_WRONLY | O_CREAT | O_EXCL, 0600);

	must(fd >= 0 && !close(fd) && !unlink(other()), "create");
}

static void rename_back(void)
{
	must(!rename(file, other()) && !rename(other(), file), "rename");
}

static void link_unlink(void)
{
	must(!link(file, other()) && !unlink(other()), "link");
}

static void symlink_unlink(void)
{
	must(!symlink("nowhere", other()) && !unlink(other()), "symlink");
}

static void change_mode(void)
{
	must(!chmod(file, 0600), "chmod");
}

static void bind_close(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(!bind(fd, (struct sockaddr *)&any, sizeof(any)), "bind");
	close(fd);
}

static void netlink_close(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, 0);

	must(fd >= 0, "netlink");
	close(fd);
}

/* Over a connection that stays, so that nothing but the packet is new. */
static void tcp_send(void)
{
	static int fd = -1, peer;
	static char bytes[1024];

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		must(!connect(fd, (struct sockaddr *)&tcp, sizeof(tcp)), "connect");
		peer = accept(listener, NULL, NULL);
	}
	must(send(fd, bytes, sizeof(bytes), 0) == sizeof(bytes), "send");
	must(recv(peer, bytes, sizeof(bytes), MSG_WAITALL) == sizeof(bytes), "recv");
}

static void unix_send(void)
{
	static int fd = -1;
	static struct sockaddr_un name;
	static socklen_t size = sizeof(name);
	char byte = 0;

	if (fd < 0) {
		fd = socket(AF_UNIX, SOCK_DGRAM, 0);
		name.sun_family = AF_UNIX;
		must(!bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) &&
			     !getsockname(fd, (struct sockaddr *)&name, &size),
		     "unix bind");
	}
	must(sendto(fd, &byte, 1, 0, (struct sockaddr *)&name, size) == 1, "unix send");
	must(recv(fd, &byte, 1, 0) == 1, "unix recv");
}

static void signal_self(void)
{
	must(!kill(getpid(), SIGURG), "kill");
}

static void user_same(void)
{
	must(!syscall(SYS_setresuid, -1, -1, -1), "setresuid");
}

static void memory_executable(void)
{
	static char page[4096] __attribute__((aligned(4096)));

	must(!mprotect(page, sizeof(page), PROT_READ | PROT_EXEC) &&
		     !mprotect(page, sizeof(page), PROT_READ | PROT_WRITE),
	     "mprotect");
}

static void bpf_ask(void)
{
	char attributes[120] = { 0 };

	(void)syscall(SYS_bpf, 11 /* BPF_PROG_GET_NEXT_ID */, attributes, sizeof(attributes));
}

static void namespace_leave(void)
{
	must(!unshare(CLONE_NEWUTS), "unshare");
}

/* `named`: only if it is asked for. */
static const struct {
	const char *name;
	void (*once)(void);
	int times;
	int named;
} works[] = {
	{ "open+close", open_close, 4000, 0 },
	{ "open+read+close", open_read_close, 2000, 0 },
	{ "fork+exit", fork_exit, 200, 0 },
	{ "fork+exec+exit", fork_exec, 200, 0 },
	{ "connect+accept+close", connect_close, 400, 0 },
	{ "udp send+recv", udp_send, 2000, 0 },
	{ "create+close+unlink", create_unlink, 1000, 1 },
	{ "rename, twice", rename_back, 1000, 1 },
	{ "link+unlink", link_unlink, 1000, 1 },
	{ "symlink+unlink", symlink_unlink, 1000, 1 },
	{ "chmod", change_mode, 2000, 1 },
	{ "bind+close", bind_close, 1000, 1 },
	{ "netlink socket+close", netlink_close, 1000, 1 },
	{ "tcp send+recv", tcp_send, 2000, 1 },
	{ "unix send+recv", unix_send, 2000, 1 },
	{ "kill", signal_self, 2000, 1 },
	{ "setresuid", user_same, 2000, 1 },
	{ "mprotect, twice", memory_executable, 2000, 1 },
	{ "bpf", bpf_ask, 2000, 1 },
	{ "unshare", namespace_leave, 500, 1 },
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

static int wanted(const char *name, int named, char **names)
{
	if (!*names)
		return !named;
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
		if (wanted(works[i].name, works[i].named, argv + 2))
			measure(works[i].once, works[i].name, works[i].times, total);
	unlink(file);
	return 0;
}
