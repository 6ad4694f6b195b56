/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act of each kind, one after the other, and nothing else: opens A, creates B, makes a
 * child, makes one that executes this program again, deletes B, sends a datagram and
 * connects.
 *
 *   acts A B ADDRESS PORT
 *   acts open NUMBER FILE     opens FILE as often as that
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_of(char *program)
{
	pid_t child = fork();

	if (!child && program)
		execl(program, program, "child", NULL);
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void open_often(int number, const char *file)
{
	while (number--)
		close(open(file, O_RDONLY));
}

int main(int argc, char **argv)
{
	struct sockaddr_in peer = { .sin_family = AF_INET };

	if (argc == 2)
		return 0;
	if (argc == 4)
		open_often(atoi(argv[2]), argv[3]);
	if (argc != 5)
		return argc != 4;
	close(open(argv[1], O_RDONLY));
	close(open(argv[2], O_WRONLY | O_CREAT, 0600));
	child_of(NULL);
	child_of(argv[0]);
	unlink(argv[2]);
	inet_pton(AF_INET, argv[3], &peer.sin_addr);
	peer.sin_port = htons((uint16_t)atoi(argv[4]));
	(void)sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&peer,
		     sizeof(peer));
	(void)connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&peer, sizeof(peer));
	return 0;
}
