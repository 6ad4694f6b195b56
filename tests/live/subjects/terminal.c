/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command on a terminal of its own, 33 lines of 77 characters, and plays the
 * person before it: waits for a text, types a text, at last may hang up. What the terminal showed goes to
 * standard output; the exit status is the command's, 128 + signal when it died of one,
 * 99 when an awaited text did not come.
 *
 *   terminal [expect TEXT | type TEXT | hang up]... -- COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 120000
#define NOT_SEEN 99

static char shown[1 << 20];
static size_t length, seen; /* what was matched is not matched again */

/* Reads what comes. Returns 0 at the end, or when nothing came for long. */
static int listen_once(int terminal)
{
	struct pollfd fd = { .fd = terminal, .events = POLLIN };
	ssize_t n;

	if (length == sizeof(shown) - 1 || poll(&fd, 1, PATIENCE_MS) <= 0)
		return 0;
	n = read(terminal, shown + length, sizeof(shown) - 1 - length);
	if (n <= 0)
		return 0;
	if (write(STDOUT_FILENO, shown + length, (size_t)n) != n)
		return 0;
	length += (size_t)n;
	shown[length] = '\0';
	return 1;
}

static int expect(int terminal, const char *text)
{
	char *at;

	while (!(at = strstr(shown + seen, text)))
		if (!listen_once(terminal))
			return 0;
	seen = (size_t)(at - shown) + strlen(text);
	return 1;
}

static int terminal_open(char *name, size_t size)
{
	struct winsize window = { .ws_row = 33, .ws_col = 77 };
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal) ||
	    ptsname_r(terminal, name, size) || ioctl(terminal, TIOCSWINSZ, &window))
		return -1;
	return terminal;
}

static _Noreturn void command_run(const char *name, char **argv)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR); /* becomes the controlling terminal */
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	execvp(argv[0], argv);
	_exit(127);
}

static pid_t child;

static void give_up(int signal)
{
	(void)signal;
	kill(child, SIGKILL);
}

int main(int argc, char **argv)
{
	int command = 1, status, terminal, spare;
	char name[128];

	while (command < argc && strcmp(argv[command], "--"))
		command++;
	terminal = terminal_open(name, sizeof(name));
	if (command + 1 >= argc || terminal < 0)
		return 2;
	/* with one end open here, reading does not fail before the command has opened its own */
	spare = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	child = fork();
	if (!child)
		command_run(name, argv + command + 1);
	for (int i = 1; i + 1 < command; i += 2) {
		const char *text = argv[i + 1];

		if (!strcmp(argv[i], "type")) {
			if (write(terminal, text, strlen(text)) < 0)
				return 2;
		} else if (!strcmp(argv[i], "hang")) {
			close(spare);
			close(terminal);
			terminal = spare = -1;
		} else if (!expect(terminal, text)) {
			fprintf(stderr, "terminal: '%s' did not come\n", text);
			kill(child, SIGKILL);
			return NOT_SEEN;
		}
	}
	signal(SIGALRM, give_up);
	alarm(PATIENCE_MS / 1000);
	close(spare);
	while (terminal >= 0 && listen_once(terminal))
		;
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 2;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
