/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the terminal from whoever else writes there, and becomes COMMAND: stops all output,
 * or comes to the foreground alone and has those in the background stopped that write.
 *
 *   mute output|background COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int to_foreground(int terminal)
{
	struct termios modes;

	signal(SIGTTOU, SIG_IGN);
	if (setpgid(0, 0) || tcsetpgrp(terminal, getpid()) || tcgetattr(terminal, &modes))
		return -1;
	modes.c_lflag |= TOSTOP;
	return tcsetattr(terminal, TCSANOW, &modes);
}

int main(int argc, char **argv)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (argc < 3 || terminal < 0)
		return 2;
	if (!strcmp(argv[1], "output") ? tcflow(terminal, TCOOFF) : to_foreground(terminal))
		return 2;
	execvp(argv[2], argv + 2);
	return 127;
}
