// SPDX-License-Identifier: Apache-2.0
/*
 * Policy files: what is read is what was written, down to the alerts; what is damaged, cut,
 * foreign or made up is refused.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "pipeline/alert.h"
#include "pipeline_fixture.h"
#include "program.h"
#include "record_builder.h"
#include "rules/policy_file.h"
#include "rules/policy_image.h"
#include "rules/rule_codec.h"
#include "unit.h"

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

/* Rules, and the policy file of them in a folder. */
struct built {
	struct rule_folder folder;
	struct ruleset *ruleset;
	struct diagnostics diagnostics;
	struct compiled *compiled;
	char path[128], other[128]; /* the file; one that tests write */
	char *data; /* of the file */
	size_t size;
};

/* Every kind of test, value and attribute; and the rules that are shipped. */
static void build(struct built *built)
{
	static const char *const files[] = { "tests/golden/tools/every_test.yml",
					     "tests/golden/tools/rules.yml", "rules" };

	*built = (struct built) { 0 };
	rule_folder_make(&built->folder);
	snprintf(built->path, sizeof(built->path), "%s/policy.img", built->folder.path);
	snprintf(built->other, sizeof(built->other), "%s/other.img", built->folder.path);
	CU_ASSERT_EQUAL_FATAL(ruleset_read(&built->ruleset, files, ARRAY_SIZE(files), NULL,
					   &built->diagnostics),
			      0);
	CU_ASSERT_EQUAL_FATAL(compile(&built->compiled, built->ruleset, 1, &built->diagnostics), 0);
	CU_ASSERT_EQUAL_FATAL(policy_file_write(built->path, built->ruleset, built->compiled), 0);
	CU_ASSERT_EQUAL_FATAL(file_read(built->path, 1 << 28, &built->data, &built->size), 0);
}

static void built_done(struct built *built)
{
	free(built->data);
	compiled_free(built->compiled);
	ruleset_free(built->ruleset);
	diagnostics_done(&built->diagnostics);
	rule_folder_remove(&built->folder);
}

/* What reading gives of a file with these bytes. */
static int read_bytes(const struct built *built, const char *data, size_t size)
{
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	FILE *file = fopen(built->other, "w");
	int r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(data, 1, size, file), size);
	fclose(file);
	r = policy_file_read(&ruleset, &compiled, built->other);
	CU_ASSERT_EQUAL(!r, ruleset && compiled);
	return r;
}

UNIT_TEST(policy_file, round_trip)
{
	_cleanup_buffer_ struct buffer before = BUFFER(RULES_BYTES_MAX);
	_cleanup_buffer_ struct buffer after = BUFFER(RULES_BYTES_MAX);
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	struct built built;
	struct stat status;

	build(&built);
	CU_ASSERT_EQUAL_FATAL(policy_file_read(&ruleset, &compiled, built.path), 0);
	CU_ASSERT_EQUAL(rules_encode(&before, built.ruleset, built.compiled), 0);
	CU_ASSERT_EQUAL(rules_encode(&after, ruleset, compiled), 0);
	CU_ASSERT_EQUAL_FATAL(before.length, after.length);
	CU_ASSERT_EQUAL(memcmp(before.data, after.data, before.length), 0);
	CU_ASSERT_EQUAL(compiled->capacity, built.compiled->capacity);
	CU_ASSERT_EQUAL_FATAL(compiled->policy->size, built.compiled->policy->size);
	CU_ASSERT_EQUAL(memcmp(compiled->policy, built.compiled->policy, compiled->policy->size),
			0);
	CU_ASSERT_EQUAL(stat(built.path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 0777 & ~0644, 0);
	unit_note("%zu bytes, of which the rules are %zu", built.size, before.length);
	built_done(&built);
}

/* The alert about an opened file that one rule gives. */
static void add_alert(struct buffer *out, const struct ruleset *ruleset, size_t number,
		      const struct policy *policy)
{
	struct alert_origin origin = { .host = "h" };
	struct clock clock = { .fixed = true };
	union built_record record;
	struct event_view view;

	record_open(&record, 20 * CLOCK_SECOND, "/usr/bin/cat", "/etc/shadow");
	view = record_view(&record);
	memcpy(origin.policy_sha256, policy->sha256, sizeof(origin.policy_sha256));
	buffer_reset(out);
	CU_ASSERT_EQUAL(alert_write(out,
				    &(const struct alert) { .view = &view,
							    .rule = ruleset->rules[number],
							    .rules = ruleset },
				    &(const struct alert_stamp) { 1, "x" }, &origin, &clock),
			0);
}

UNIT_TEST(policy_file, alerts_are_the_same)
{
	_cleanup_buffer_ struct buffer before = BUFFER(ALERT_BYTES_MAX);
	_cleanup_buffer_ struct buffer after = BUFFER(ALERT_BYTES_MAX);
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	struct built built;

	build(&built);
	CU_ASSERT_EQUAL_FATAL(policy_file_read(&ruleset, &compiled, built.path), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset->count, built.ruleset->count);
	for (size_t i = 0; i < ruleset->count; i++) {
		add_alert(&before, built.ruleset, i, built.compiled->policy);
		add_alert(&after, ruleset, i, compiled->policy);
		CU_ASSERT_STRING_EQUAL(buffer_string(&before), buffer_string(&after));
	}
	built_done(&built);
}

/* Every byte of the head, and bytes of all that follows. */
UNIT_TEST(policy_file, damaged)
{
	struct built built;

	build(&built);
	for (size_t i = 0; i < built.size; i += i < 256 ? 1 : built.size / 997) {
		int r;

		built.data[i] ^= 1 << i % 8;
		r = read_bytes(&built, built.data, built.size);
		CU_ASSERT_EQUAL(r, i < 4 ? -EINVAL : i < 16 ? -EPROTONOSUPPORT : -EBADMSG);
		CU_ASSERT_PTR_NOT_NULL(policy_file_error(r));
		built.data[i] ^= 1 << i % 8;
	}
	CU_ASSERT_EQUAL(read_bytes(&built, built.data, built.size), 0);
	built_done(&built);
}

UNIT_TEST(policy_file, cut)
{
	struct built built;

	build(&built);
	for (size_t i = 0; i < built.size; i += i < 128 ? 1 : built.size / 101)
		CU_ASSERT_NOT_EQUAL(read_bytes(&built, built.data, i), 0);
	for (size_t i = built.size - 16; i < built.size; i++)
		CU_ASSERT_EQUAL(read_bytes(&built, built.data, i), -EBADMSG);
	CU_ASSERT_EQUAL(read_bytes(&built, "title: x\n", 9), -EINVAL);
	CU_ASSERT_EQUAL(read_bytes(&built, "", 0), -EINVAL);
	built_done(&built);
}

/* Puts the right checksums into a file, and into its image, that was changed. */
static void checksums_set(struct built *built)
{
	struct policy_file_head *head = (void *)built->data;
	struct policy *policy = (void *)(built->data + sizeof(*head));
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	CU_ASSERT_EQUAL(policy_checksum(policy, policy->sha256), 0);
	memset(head->sha256, 0, sizeof(head->sha256));
	CU_ASSERT(EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
		  EVP_DigestUpdate(digest, built->data, built->size) &&
		  EVP_DigestFinal_ex(digest, head->sha256, NULL));
	EVP_MD_CTX_free(digest);
}

/* Bytes of the rules that somebody changed, who knows how to make a checksum: either they are
 * refused, or they are rules still. */
UNIT_TEST(policy_file, made_up)
{
	uint64_t state = unit_seed();
	size_t refused = 0, tries = unit_is_slow() ? 300 : 2000;
	struct built built;

	build(&built);
	for (size_t i = 0; i < tries; i++) {
		size_t rules = ((struct policy_file_head *)(void *)built.data)->rules;
		size_t at = built.size - 1 - unit_below(&state, rules);
		char was = built.data[at];

		built.data[at] = (char)unit_random(&state);
		checksums_set(&built);
		refused += read_bytes(&built, built.data, built.size) == -EINVAL;
		built.data[at] = was;
	}
	CU_ASSERT(refused > tries / 10);
	unit_note("%zu of %zu were refused", refused, tries);
	checksums_set(&built);
	CU_ASSERT_EQUAL(read_bytes(&built, built.data, built.size), 0);
	built_done(&built);
}

/* Rules of one file behind the image of another. */
UNIT_TEST(policy_file, rules_of_another_image)
{
	_cleanup_buffer_ struct buffer rules = BUFFER(RULES_BYTES_MAX);
	struct compiled *compiled = NULL;
	struct ruleset *ruleset = NULL;
	struct built built;

	build(&built);
	CU_ASSERT_EQUAL(rules_encode(&rules, built.ruleset, built.compiled), 0);
	CU_ASSERT_EQUAL(rules_decode(&ruleset, &compiled, rules.data, rules.length,
				     built.compiled->policy),
			0);
	ruleset->rules[3]->silent = !ruleset->rules[3]->silent;
	buffer_reset(&rules);
	CU_ASSERT_EQUAL(rules_encode(&rules, ruleset, compiled), 0);
	ruleset_free(take_ptr(ruleset));
	compiled_free(take_ptr(compiled));
	CU_ASSERT_EQUAL(rules_decode(&ruleset, &compiled, rules.data, rules.length,
				     built.compiled->policy),
			-EINVAL);
	built_done(&built);
}

UNIT_TEST(policy_file, command)
{
	static struct answer answer;
	struct rule_folder folder;
	char command[512];

	rule_folder_make(&folder);
	snprintf(command, sizeof(command), "rules build -o %s/p.img 2>&1; ls %s", folder.path,
		 folder.path);
	if (!program_ask(&answer, command))
		goto out;
	answer_expect(&answer, 0, "/p.img: ");
	answer_expect(&answer, 0, " bytes\np.img\n");
	snprintf(command, sizeof(command), "rules build --output %s/no/p.img 2>&1", folder.path);
	program_ask(&answer, command);
	answer_expect(&answer, 3, "/no/p.img': No such file or directory");
	program_ask(&answer, "rules build 2>&1");
	answer_expect(&answer, 2, "rules build needs --output FILE");
	program_ask(&answer, "run --rules rules --policy x -- true 2>&1");
	answer_expect(&answer, 2, "--policy and --rules exclude each other");
	program_ask(&answer, "run --policy rules/README.md -- true 2>&1");
	answer_expect(&answer, 2, "cannot use 'rules/README.md': it is not a policy file");
	program_ask(&answer, "run --policy /nowhere -- true 2>&1");
	answer_expect(&answer, 2, "cannot read '/nowhere'; nothing was started: No such file");
out:
	rule_folder_remove(&folder);
}
