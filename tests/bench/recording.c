// SPDX-License-Identifier: Apache-2.0
/*
 * Material for tests/bench/replay: `recording rules NUMBER` prints that many rules,
 * `recording events NUMBER` a recording with that many events, as `run --record` makes
 * them. Always the same ones. One event in some fifty matches a rule; one line in thirty
 * has an escape, which the quick reader leaves to jansson.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 20260102;

static uint64_t below(uint64_t bound)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % bound;
}

static const char *const words[] = {
	"lib",	 "share",  "config", "cache",	"node_modules", "src",	   "include",
	"tests", "assets", "python", "build",	"target",	"data",	   "models",
	"store", "keys",   "logs",   "session", "notes",	"index",   "main",
	"utils", "locale", "fonts",  "secrets", "token",	"archive",
};
static const char *const tools[] = { "bash", "git",  "grep", "node", "python3", "ls",
				     "cat",  "curl", "make", "rg",   "sed",	"find" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a) ((a)[below(COUNT(a))])

static void rule_of_file(unsigned int i)
{
	static const char *const modifiers[] = { "startswith", "endswith", "contains" };

	printf("title: File rule %u\nlogsource: {product: linux, category: file_open}\n", i);
	printf("detection:\n    file:\n        TargetFilename|%s:\n", PICK(modifiers));
	for (int value = 0; value < 3; value++)
		printf("            - '/%s%u/%s%u'\n", PICK(words), i, PICK(words), value);
	printf("    reads: {Access: read}\n    own: {Image|endswith: /%s}\n", PICK(tools));
	printf("    condition: file and reads and not own\n");
}

static void rule_of_process(unsigned int i)
{
	printf("title: Process rule %u\n"
	       "logsource: {product: linux, category: process_creation}\n",
	       i);
	printf("detection:\n    tool: {Image|endswith: /%s}\n", PICK(tools));
	printf("    words: {CommandLine|contains|all: ['--%s-%u', ' %s']}\n", PICK(words), i,
	       PICK(words));
	printf("    condition: tool and words\n");
}

static void rule_of_network(unsigned int i)
{
	printf("title: Network rule %u\n"
	       "logsource: {product: linux, category: network_connection}\n",
	       i);
	printf("detection:\n    peer:\n        DestinationIp|cidr: 203.%u.%u.0/24\n", i % 256,
	       (unsigned int)below(256));
	printf("        DestinationPort: [443, %u]\n    condition: peer\n",
	       (unsigned int)(1024 + below(60000)));
}

static void rules(unsigned long count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (i)
			puts("---");
		if (i % 10 < 5)
			rule_of_file(i);
		else if (i % 10 < 8)
			rule_of_process(i);
		else
			rule_of_network(i);
		if (i % 100 == 0)
			puts("response: deny");
	}
	/* two that match */
	puts("---\ntitle: Shadow read\nlogsource: {product: linux, category: file_open}\n"
	     "detection: {s: {TargetFilename: /etc/shadow}, condition: s}\n"
	     "---\ntitle: Not private\nlogsource: {product: linux, category: network_connection}\n"
	     "detection: {s: {PrivateAddress: false}, condition: s}");
}

/* What events of one process share. */
struct program {
	unsigned int pid;
	const char *tool;
	char arguments[256];
};

static void program_new(struct program *program, unsigned int pid)
{
	size_t length;

	program->pid = pid;
	program->tool = PICK(tools);
	length = (size_t)sprintf(program->arguments, "%s", program->tool);
	for (uint64_t i = 0, n = 1 + below(5); i < n; i++)
		length += (size_t)sprintf(program->arguments + length, " --%s %s/%s.txt",
					  PICK(words), PICK(words), PICK(words));
	if (!below(30))
		sprintf(program->arguments + length, " -m \\\"%s\\\"", PICK(words));
}

static void head(const char *category, uint64_t time)
{
	printf("{\"schema\":1,\"category\":\"%s\",\"@timestamp\":\"2026-01-02T03:%02u:%02u.%09uZ\","
	       "\"time\":%llu",
	       category, (unsigned int)(time / 60000000000 % 60),
	       (unsigned int)(time / 1000000000 % 60), (unsigned int)(time % 1000000000),
	       (unsigned long long)time);
}

static void tail(const struct program *program, const struct program *parent)
{
	printf(",\"ProcessId\":%u,\"ParentProcessId\":%u,\"ThreadId\":%u,\"UserId\":1000,"
	       "\"EffectiveUserId\":1000,\"User\":\"agent\",\"Image\":\"/usr/bin/%s\","
	       "\"CommandLine\":\"%s\",\"CurrentDirectory\":\"/home/agent/work\","
	       "\"ParentImage\":\"/usr/bin/%s\",\"ParentCommandLine\":\"%s\",",
	       program->pid, parent->pid, program->pid, program->tool, program->arguments,
	       parent->tool, parent->arguments);
	printf("\"AgentName\":\"agent\",\"AgentSession\":\"931d67e3da868abf\","
	       "\"CgroupPath\":\"/fermata-931d67e3da868abf\","
	       "\"ProcessGuid\":\"0fb47910-610d-4148-b563-25151067ea71-%u-ddc2acad051\","
	       "\"ParentProcessGuid\":\"0fb47910-610d-4148-b563-25151067ea71-%u-ddc29a4678f\"}\n",
	       program->pid, parent->pid);
}

static void open_file(uint64_t time)
{
	head("file_open", time);
	if (!below(100))
		printf(",\"TargetFilename\":\"/etc/shadow\"");
	else
		printf(",\"TargetFilename\":\"/home/agent/work/%s/%s%u/%s/%s_%u.txt\"", PICK(words),
		       PICK(words), (unsigned int)below(1000), PICK(words), PICK(words),
		       (unsigned int)below(100000));
	printf(",\"Access\":[\"read\"],\"Created\":false,\"Device\":65024,\"Inode\":%u",
	       (unsigned int)below(1 << 24));
}

static void connect_peer(uint64_t time)
{
	head("network_connection", time);
	printf(",\"DestinationIp\":\"%s.%u.%u.%u\",\"DestinationPort\":443,\"Protocol\":\"tcp\","
	       "\"Initiated\":true,\"Loopback\":false,\"PrivateAddress\":%s",
	       below(10) ? "10" : "198", (unsigned int)below(256), (unsigned int)below(256),
	       (unsigned int)below(256), below(10) ? "true" : "false");
}

static void events(unsigned long count)
{
	struct program parent, program;
	uint64_t time = 15239253762229;

	program_new(&parent, 1000);
	program_new(&program, 1001);
	puts("{\"schema\":1,\"recording\":\"fermata\",\"version\":\"0\",\"boot_id\":null,"
	     "\"policy_sha256\":\"\",\"@timestamp\":\"2026-01-02T03:04:05.000000000Z\",\"time\":"
	     "1}");
	for (unsigned long i = 0; i < count; i++) {
		uint64_t dice = below(100);

		time += below(100000);
		if (dice < 5) {
			program_new(&program, program.pid + 1);
			head("process_creation", time);
			printf(",\"ImageDeleted\":false,\"ImageMemfd\":false");
		} else if (dice < 10) {
			head("process_termination", time);
			printf(",\"ExitCode\":0,\"RuntimeMs\":12");
		} else if (dice < 18) {
			connect_peer(time);
		} else {
			open_file(time);
		}
		tail(&program, &parent);
	}
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (count && !strcmp(argv[1], "rules"))
		rules(count);
	else if (count && !strcmp(argv[1], "events"))
		events(count);
	else
		return fputs("recording rules|events NUMBER\n", stderr), 2;
	return fflush(stdout) ? 1 : 0;
}
