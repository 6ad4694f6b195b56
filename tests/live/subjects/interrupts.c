/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts how often it is interrupted, until it is told to quit; then says the total and
 * exits with 6. A shell would not do: it drops an interrupt that comes as its child ends.
 */
#include <signal.h>
#include <stdio.h>

int main(void)
{
	int number, count = 0;
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGQUIT);
	sigprocmask(SIG_BLOCK, &taken, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (!sigwait(&taken, &number) && number == SIGINT)
		printf("int %d\n", ++count);
	printf("total %d\n", count);
	return 6;
}
