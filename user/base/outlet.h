/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for people, written where nothing may wait: whoever shares the terminal or pipe
 * can stop it, and must not stop us with it.
 */
#ifndef FERMATA_OUTLET_H
#define FERMATA_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

struct outlet {
	int fd; /* -1: takes nothing */
	bool torn; /* what was written last lacks its end */
};

/* To where `fd` leads, through a description of our own where there can be one: the others
 * that use it do not find it changed. */
void outlet_open(struct outlet *ret_outlet, int fd);
void outlet_close(struct outlet *outlet);

/* Writes a line, as much of it as is taken at once. 0 or -errno (-EAGAIN: that was not
 * all); what follows a torn line begins on a new one. */
int outlet_write(struct outlet *outlet, const char *line, size_t length);

#endif
