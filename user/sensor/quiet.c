/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/quiet.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>

static int message_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_DEBUG || !getenv("FERMATA_DEBUG")
		       ? 0
		       : vfprintf(stderr, format, arguments);
}

void libbpf_quiet(void)
{
	libbpf_set_print(message_print);
}
