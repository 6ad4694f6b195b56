/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts that make the events that rules are about: files below the current folder are made,
 * opened and removed, a program is executed under names and with arguments, datagram
 * sockets are connected.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "differential.h"
#include "draft.h"
#include "rule_set.h"

#define PATH_ROOM 3500
#define ARGUMENTS_MAX 512
#define EXECUTED 12 /* one act of so many */

struct acting {
	struct dice dice;
	const struct ruleset *rules;
	const char *program;
	struct draft *draft;
	__u64 opened, executed, connected;
};

/* What a name in a folder may be, of the text's part up to the next slash. */
static size_t component_make(char *to, const char *from, size_t length)
{
	if (length > NAME_MAX)
		length = NAME_MAX;
	if (!length || (length <= 2 && !memcmp(from, "..", length)))
		return 0;
	for (size_t i = 0; i < length; i++)
		to[i] = from[i] ? from[i] : '0';
	to[length] = '\0';
	return length;
}

/* A path below the current folder, and the folders on its way. */
static void path_make(char path[PATH_MAX], const struct draft_text *text)
{
	size_t at = 0, end = 0;

	for (size_t from = 0; from < text->length && at < PATH_ROOM; from++) {
		const char *slash = memchr(text->data + from, '/', text->length - from);
		size_t length = slash ? (size_t)(slash - text->data) - from : text->length - from;
		size_t made = component_make(path + at, text->data + from, length);

		from += length;
		if (!made)
			continue;
		end = at + made;
		if (slash)
			(void)mkdir(path, 0700);
		path[end] = '/';
		at = end + 1;
	}
	if (!end)
		path[end++] = 'a';
	path[end] = '\0';
	(void)rmdir(path); /* a name that was a folder's */
}

/* One that is there, by its own name, as rules have it. */
static void file_visit(struct acting *acting, const struct draft_text *text)
{
	char path[PATH_MAX];
	struct stat status;
	int fd;

	if (!text->length || text->data[0] != '/' || text->length >= sizeof(path))
		return;
	memcpy(path, text->data, text->length);
	path[text->length] = '\0';
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	acting->opened += fd >= 0;
	closep(&fd);
}

static void file_act(struct acting *acting, const struct draft_text *text)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_APPEND };
	char path[PATH_MAX];
	int fd;

	file_visit(acting, text);
	path_make(path, text);
	fd = open(path, O_CREAT | O_CLOEXEC | dice_of(&acting->dice, modes), 0600);
	acting->opened += fd >= 0;
	closep(&fd);
	if (fd >= 0 && dice_once(&acting->dice, 3))
		(void)unlink(path);
}

/* Parted at spaces, empty ones included. */
static void arguments_make(char *text, char *arguments[ARGUMENTS_MAX])
{
	size_t count = 0;

	while (text && count < ARGUMENTS_MAX - 1)
		arguments[count++] = strsep(&text, " ");
	arguments[count] = NULL;
}

static void program_execute(struct acting *acting)
{
	const struct draft_text *line = &acting->draft->text[FIELD_fact_command_line];
	char path[PATH_MAX], text[DRAFT_TEXT_MAX + 1], *arguments[ARGUMENTS_MAX];
	char *const environment[] = { NULL };
	pid_t pid;

	path_make(path, &acting->draft->text[FIELD_fact_image]);
	if (link(acting->program, path) && errno != EEXIST)
		return;
	memcpy(text, line->data, line->length);
	text[line->length] = '\0';
	for (size_t i = 0; i < line->length; i++)
		text[i] = text[i] ? text[i] : ' ';
	arguments_make(text, arguments);
	if (posix_spawn(&pid, path, NULL, NULL, arguments, environment))
		return;
	acting->executed++;
	waitpid(pid, NULL, 0);
	(void)unlink(path);
}

static void socket_connect(struct acting *acting)
{
	const struct event_network_connection *event = &acting->draft->record.network_connection;
	const struct in6_addr *address = (const void *)&event->destination_ip;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)event->destination_port),
				    .sin6_addr = *address };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = six.sin6_port };
	bool mapped = IN6_IS_ADDR_V4MAPPED(address);
	_cleanup_close_ int fd = socket(mapped ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&four.sin_addr, address->s6_addr + 12, sizeof(four.sin_addr));
	if (fd < 0)
		return;
	(void)connect(fd, mapped ? (void *)&four : (void *)&six,
		      mapped ? sizeof(four) : sizeof(six));
	acting->connected++;
}

/* An act that makes an event of the rule's, and often one that it matches. */
static void rule_act(struct acting *acting, const struct rule *rule)
{
	enum event_type event = rule->condition ? rule->event : EVENT_file_open;
	struct draft *draft = acting->draft;

	if (event == EVENT_process_creation && !dice_once(&acting->dice, EXECUTED))
		event = EVENT_file_open;
	draft_start(draft, event);
	if (rule->condition)
		draft_aim(draft, &acting->dice, rule->condition);
	if (dice_once(&acting->dice, 2))
		draft_miss(draft, &acting->dice);
	draft_fill(draft, &acting->dice, acting->rules);
	if (event == EVENT_process_creation)
		program_execute(acting);
	else if (event == EVENT_network_connection)
		socket_connect(acting);
	else if (event == EVENT_file_delete || event == EVENT_file_event)
		file_act(acting, &draft->text[event == EVENT_file_delete
						      ? FIELD_file_delete_target_filename
						      : FIELD_file_event_target_filename]);
	else
		file_act(acting, &draft->text[FIELD_file_open_target_filename]);
}

int act(const struct differential *differential)
{
	const char *const paths[] = { "rules.yml", differential->corpus };
	_cleanup_(rule_set_done) struct rule_set set = { 0 };
	_cleanup_free_ struct draft *draft = malloc(sizeof(*draft));
	struct acting acting = { .dice.state = differential->seed ^ 1,
				 .program = differential->program,
				 .draft = draft };
	bool corpus = !access(differential->corpus, R_OK);
	/* the executed write to standard output */
	int told = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);

	if (told < 0 || !freopen("/dev/null", "w", stdout) || !draft ||
	    rule_set_read(&set, paths, corpus ? 2 : 1, 1) || mkdir("files", 0700) || chdir("files"))
		return 1;
	acting.rules = set.rules;
	while (acting.opened + acting.executed + acting.connected < differential->events)
		rule_act(&acting, set.rules->rules[dice_below(&acting.dice, set.rules->count)]);
	dprintf(told, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", (uint64_t)acting.opened,
		(uint64_t)acting.executed, (uint64_t)acting.connected);
	return 0;
}
