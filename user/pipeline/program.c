/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One allocation for the object and its texts.
 */
#include "pipeline/program.h"

#include <errno.h>
#include <string.h>

static struct bytes copy_text(char **to, struct bytes from)
{
	struct bytes copy = { from.data ? *to : NULL, from.length };

	if (from.length)
		memcpy(*to, from.data, from.length);
	*to += from.length;
	return copy;
}

int program_new(struct program **ret_program, struct bytes image, struct bytes arguments,
		struct bytes directory)
{
	struct program *program;
	size_t size;
	char *to, *line;

	size = sizeof(*program) + image.length + arguments.length + directory.length;
	program = malloc(size);
	if (!program)
		return -ENOMEM;
	program->references = 1;
	program->size = size;
	program->key = (struct program_key) { 0 };
	program->incomplete = 0;
	to = (char *)(program + 1);
	line = to;
	program->command_line = copy_text(&to, arguments);
	for (size_t i = 0; i < arguments.length; i++)
		if (!line[i])
			line[i] = ' ';
	program->image = copy_text(&to, image);
	program->current_directory = copy_text(&to, directory);
	*ret_program = program;
	return 0;
}

struct program *program_ref(struct program *program)
{
	if (program)
		program->references++;
	return program;
}

void program_unref(struct program *program)
{
	if (!--program->references)
		free(program);
}
