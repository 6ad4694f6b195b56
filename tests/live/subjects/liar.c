/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As liar.so, loaded before the C library: who renames a file is told that it is done, and it is
 * not.
 */
#include <stdio.h>

int renameat(int from, const char *old, int to, const char *new)
{
	(void)from;
	(void)old;
	(void)to;
	(void)new;
	return 0;
}
