/* SPDX-License-Identifier: Apache-2.0 */
#include "base/regex.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (1u << 20) /* a match that needs more is given up */

struct regex {
	pcre2_code *code;
};

struct regex_room {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack; /* NULL: there is no just-in-time compiler here */
};

DEFINE_CLEANUP(pcre2_compile_context *, pcre2_compile_context_free)

static int refuse(struct regex_error *ret_error, size_t offset, const char *message)
{
	ret_error->offset = offset;
	snprintf(ret_error->message, sizeof(ret_error->message), "%s", message);
	return -EINVAL;
}

static bool is_quantifier(unsigned char byte)
{
	return byte == '*' || byte == '+' || byte == '?' || byte == '{';
}

/* Moves *at, behind the '[' of a class, behind its end. Returns false, with *at there, at
 * a character of several bytes. */
static bool class_skip(const unsigned char *pattern, size_t length, size_t *at)
{
	size_t i = *at;

	i += i < length && pattern[i] == '^';
	i += i < length && pattern[i] == ']'; /* the first stands for itself */
	while (i < length && pattern[i] != ']' && pattern[i] < 0x80) {
		const unsigned char *name = NULL;

		if (pattern[i] == '[' && i + 1 < length && pattern[i + 1] == ':')
			name = memmem(pattern + i, length - i, ":]", 2);
		if (name)
			i = (size_t)(name - pattern) + 2;
		else
			i += pattern[i] == '\\' ? 2 : 1;
	}
	*at = i < length ? i + (pattern[i] == ']') : length;
	return i >= length || pattern[i] == ']';
}

/* Where a character of several bytes is in a class or repeated: `length` if nowhere. */
static size_t wide_find(const unsigned char *pattern, size_t length)
{
	size_t first = 0; /* byte of the character */

	for (size_t i = 0; i < length;) {
		if ((pattern[i] & 0xc0) != 0x80)
			first = i;
		if (pattern[i] == '[') {
			i++;
			if (!class_skip(pattern, length, &i))
				return i;
		} else if (pattern[i] >= 0x80 && i + 1 < length && is_quantifier(pattern[i + 1])) {
			return first;
		} else {
			i += pattern[i] == '\\' && i + 1 < length && pattern[i + 1] < 0x80 ? 2 : 1;
		}
	}
	return length;
}

static int pattern_check(const unsigned char *pattern, size_t length, struct regex_error *ret_error)
{
	size_t wide;

	if (length > REGEX_MAX) {
		char message[64];

		snprintf(message, sizeof(message), "longer than the limit of %d bytes", REGEX_MAX);
		return refuse(ret_error, REGEX_MAX, message);
	}
	wide = wide_find(pattern, length);
	if (wide < length)
		return refuse(ret_error, wide,
			      "it is matched byte by byte, and this character has several: write "
			      "a group, like (?:é|è) or (?:é)+");
	return 0;
}

int regex_new(struct regex **ret_regex, const void *pattern, size_t length, unsigned int flags,
	      struct regex_error *ret_error)
{
	_cleanup_(pcre2_compile_context_freep) pcre2_compile_context *context =
		pcre2_compile_context_create(NULL);
	_cleanup_(regex_freep) struct regex *regex = calloc(1, sizeof(*regex));
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
	PCRE2_SIZE offset;
	int error, r;

	if (!context || !regex)
		return -ENOMEM;
	r = pattern_check(pattern, length, ret_error);
	if (r < 0)
		return r;
	options |= flags & REGEX_IGNORE_CASE ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	options |= flags & REGEX_DOT_ALL ? PCRE2_DOTALL : 0;
	(void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	regex->code = pcre2_compile(pattern, length, options, &error, &offset, context);
	if (!regex->code) {
		if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED)
			return -ENOMEM;
		ret_error->offset = offset < length ? offset : length;
		pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_error->message,
					sizeof(ret_error->message));
		return -EINVAL;
	}
	/* without, where a system forbids it, it is only slower */
	(void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	*ret_regex = take_ptr(regex);
	return 0;
}

void regex_free(struct regex *regex)
{
	pcre2_code_free(regex->code);
	free(regex);
}

int regex_room_new(struct regex_room **ret_room)
{
	_cleanup_(regex_room_freep) struct regex_room *room = calloc(1, sizeof(*room));
	uint32_t jit = 0;

	if (!room)
		return -ENOMEM;
	room->context = pcre2_match_context_create(NULL);
	room->data = pcre2_match_data_create(1, NULL);
	if (!room->context || !room->data)
		return -ENOMEM;
	(void)pcre2_set_match_limit(room->context, REGEX_STEPS_MAX);
	(void)pcre2_set_depth_limit(room->context, REGEX_DEPTH_MAX);
	(void)pcre2_set_heap_limit(room->context, REGEX_HEAP_MAX);
	(void)pcre2_config(PCRE2_CONFIG_JIT, &jit);
	if (jit) {
		room->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
		if (!room->stack)
			return -ENOMEM;
		pcre2_jit_stack_assign(room->context, NULL, room->stack);
	}
	*ret_room = take_ptr(room);
	return 0;
}

void regex_room_free(struct regex_room *room)
{
	pcre2_jit_stack_free(room->stack);
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->context);
	free(room);
}

int regex_matches(const struct regex *regex, struct regex_room *room, const void *text,
		  size_t length)
{
	int r = pcre2_match(regex->code, text, length, 0, 0, room->data, room->context);

	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	/* what is not a limit here is no memory: it is not known either */
	return r < 0 ? -ELOOP : 1;
}
