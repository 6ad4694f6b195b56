/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_make.h"

#include "base/fields.h"

static const char *const word_list[] = {
	"/",
	"/",
	"/etc",
	"/home/u",
	"shadow",
	"bin",
	"sh",
	"-c",
	"aws",
	"credentials",
	".",
	"id_",
	"rsa",
	"KEY",
	"key",
	"a",
	"ab",
	"aab",
	"Zz",
	"0",
	"12",
	"=",
	"%",
	"--",
	" ",
	" ",
	"é",
	"日本",
	"\\\\",
	"\\*",
	"''",
	"curl",
	"X:",
	"|",
	"tmp",
	"u",
	"\xf0\x9f\x98\x80",
};

/* A literal, as it stands between single quotes. */
static void literal_make(struct buffer *out, struct dice *dice, size_t most)
{
	for (size_t n = 1 + dice_below(dice, most); n; n--)
		buffer_add_string(out, dice_of(dice, word_list));
}

/* `plain`: without wildcards. */
static void pattern_make(struct buffer *out, struct dice *dice, bool plain)
{
	buffer_add_byte(out, '\'');
	if (plain) {
		literal_make(out, dice, 4);
		buffer_add_byte(out, '\'');
		return;
	}
	if (dice_once(dice, 5))
		buffer_add_byte(out, '*');
	literal_make(out, dice, 4);
	if (dice_once(dice, 24)) {
		buffer_add_string(out, dice_once(dice, 3) ? "?" : "*");
		literal_make(out, dice, 2);
	}
	if (dice_once(dice, 5))
		buffer_add_byte(out, '*');
	buffer_add_byte(out, '\'');
}

static void address_make(struct buffer *out, struct dice *dice, bool network)
{
	static const char *const sixes[] = { "2001:db8::", "::1", "fe80::1", "fd00::7",
					     "::ffff:10.0.0.1" };
	__u32 bytes = (__u32)dice_word(dice) & 0x03070303;

	if (dice_once(dice, 3)) {
		buffer_print(out, "'%s%s'", dice_of(dice, sixes), network ? "/64" : "");
		return;
	}
	buffer_print(out, "'%u.%u.%u.%u", dice_once(dice, 2) ? 10 : 203, bytes >> 16 & 255,
		     bytes >> 8 & 255, bytes & 255);
	if (network)
		buffer_print(out, "/%zu", 6 + dice_below(dice, 27));
	buffer_add_byte(out, '\'');
}

static void number_make(struct buffer *out, struct dice *dice)
{
	static const __s64 edges[] = {
		0, 1, -1, 22, 80, 443, 1000, 65535, (__s64)0x7fffffffffffffff, 4294967296
	};

	buffer_print(out, "%lld", (long long)(dice_of(dice, edges) - (__s64)dice_below(dice, 3)));
}

static const struct field_name *name_choose(const struct field_info *field, struct dice *dice)
{
	size_t count = 0;

	while (field->names[count].name)
		count++;
	return &field->names[dice_below(dice, count)];
}

/* What a key's modifiers allow of its values. */
struct values {
	size_t most; /* in a list */
	bool network; /* of addresses: with a prefix */
	bool plain; /* of texts: without wildcards */
};

static void value_make(struct buffer *out, struct dice *dice, const struct field_info *field,
		       const struct values *values)
{
	switch (field->kind) {
	case KIND_text:
		pattern_make(out, dice, values->plain);
		break;
	case KIND_ip:
		address_make(out, dice, values->network);
		break;
	case KIND_bool:
		buffer_add_string(out, dice_once(dice, 2) ? "true" : "false");
		break;
	case KIND_num:
		number_make(out, dice);
		break;
	default:
		buffer_add_string(out, name_choose(field, dice)->name);
	}
}

static struct values modifiers_make(struct buffer *out, struct dice *dice,
				    const struct field_info *field)
{
	static const char *const of_text[] = {
		"",
		"",
		"|contains",
		"|contains",
		"|startswith",
		"|endswith",
		"|contains|all",
		"|neq",
		"|contains|windash",
		"|startswith",
		"|endswith",
		"|contains",
		"|contains|all",
		"|base64offset|contains",
		"|endswith|cased",
		"|wide|base64offset|contains",
		"|startswith|windash",
		"|utf16|base64",
		"|base64",
	};
	static const char *const of_number[] = { "", "", "|lt", "|lte", "|gt", "|gte", "|neq" };
	struct values values = { .most = 3 };
	const char *modifiers = "";

	switch (field->kind) {
	case KIND_text:
		modifiers = dice_of(dice, of_text);
		values.plain = strstr(modifiers, "base64");
		break;
	case KIND_num:
		modifiers = dice_of(dice, of_number);
		values.most = *modifiers ? 1 : 3;
		break;
	case KIND_ip:
		values.network = dice_once(dice, 2);
		modifiers = values.network ? "|cidr" : "";
		break;
	case KIND_set:
		modifiers = dice_once(dice, 4) ? "|all" : "";
		break;
	default:
		values.most = 1;
	}
	buffer_add_string(out, modifiers);
	return values;
}

/* One that is not in `taken`, and puts it there. Fields known to the user side only now and
 * then: a rule that tests one is confirmed. */
static const struct field_info *field_choose(struct dice *dice, enum event_type event, __u64 *taken)
{
	for (;;) {
		const struct field_info *field = &field_table[dice_below(dice, FIELD_MAX)];

		if (*taken & SLOT_BIT(field->slot) || field->kind == KIND_time ||
		    (field->event >= 0 && field->event != (int)event) ||
		    (field->event < 0 && dice_once(dice, 2)) ||
		    (field->origin == ORIGIN_enriched && !dice_once(dice, 16)))
			continue;
		*taken |= SLOT_BIT(field->slot);
		return field;
	}
}

static void test_make(struct buffer *out, struct dice *dice, const struct field_info *field)
{
	struct values values;
	size_t list;

	buffer_add_string(out, field->name);
	if (dice_once(dice, 12)) {
		buffer_print(out, "|exists: %s", dice_once(dice, 2) ? "true" : "false");
		return;
	}
	if (dice_once(dice, 16)) {
		buffer_add_string(out, ": null");
		return;
	}
	values = modifiers_make(out, dice, field);
	list = 1 + dice_below(dice, values.most);
	buffer_add_string(out, list > 1 ? ": [" : ": ");
	for (size_t i = 0; i < list; i++) {
		buffer_add_string(out, i ? ", " : "");
		value_make(out, dice, field, &values);
	}
	buffer_add_string(out, list > 1 ? "]" : "");
}

/* A map of tests, or a list of such maps. */
static void selection_make(struct buffer *out, struct dice *dice, size_t number,
			   enum event_type event)
{
	size_t maps = dice_once(dice, 4) ? 2 : 1;

	buffer_print(out, "  s%zu:\n", number);
	for (size_t map = 0; map < maps; map++) {
		size_t tests = 1 + dice_below(dice, 3);
		__u64 taken = 0;

		for (size_t i = 0; i < tests; i++) {
			buffer_add_string(out, maps == 1 ? "    " : i ? "      " : "    - ");
			test_make(out, dice, field_choose(dice, event, &taken));
			buffer_add_byte(out, '\n');
		}
	}
}

static void condition_make(struct buffer *out, struct dice *dice, size_t selections)
{
	static const char *const of_one[] = { "s0", "not s0", "1 of them", "all of s*" };
	static const char *const of_two[] = { "s0 and s1",	"s0 and not s1", "s0 or s1",
					      "1 of s*",	"all of them",	 "not s0 and s1",
					      "not (s0 or s1)", "s0 or not s1" };
	static const char *const of_three[] = {
		"s0 and s1 and not s2",
		"(s0 or s1) and not s2",
		"s0 and (s1 or s2)",
		"1 of s* and not s2",
		"all of s*",
		"not (s0 and s1) and s2",
		"s0 or s1 and s2",
		"1 of them",
	};

	buffer_print(out, "  condition: %s\n",
		     selections == 1   ? dice_of(dice, of_one)
		     : selections == 2 ? dice_of(dice, of_two)
				       : dice_of(dice, of_three));
}

static const char *response_choose(struct dice *dice)
{
	static const enum response responses[] = { RESPONSE_alert, RESPONSE_deny, RESPONSE_kill,
						   RESPONSE_kill_agent };

	return response_table[dice_of(dice, responses)];
}

static void detection_make(struct buffer *out, struct dice *dice, size_t number)
{
	enum event_type event = dice_below(dice, EVENT_MAX);
	size_t selections = 1 + dice_below(dice, 3);

	buffer_print(out, "---\ntitle: r%zu\nname: r%zu\nlevel: low\n", number, number);
	if (dice_once(dice, 3))
		buffer_print(out, "response: %s\n", response_choose(dice));
	buffer_print(out, "logsource: {product: linux, category: %s}\ndetection:\n",
		     event_table[event].name);
	for (size_t i = 0; i < selections; i++)
		selection_make(out, dice, i, event);
	condition_make(out, dice, selections);
}

/* Of detections that are there, most of which are read. */
static void correlation_make(struct buffer *out, struct dice *dice, size_t number, size_t count)
{
	static const char *const types[] = { "temporal_ordered", "temporal_ordered", "temporal",
					     "event_count" };
	const char *type = dice_of(dice, types);
	bool counts = type[0] == 'e';
	size_t steps = counts ? 1 + dice_below(dice, 2) : 2 + dice_below(dice, 3);

	buffer_print(out, "---\ntitle: c%zu\nlevel: low\nresponse: %s\ncorrelation:\n", number,
		     response_choose(dice));
	buffer_print(out,
		     "  type: %s\n  group-by: [AgentSession]\n  timespan: %zus\n  generate: %s\n",
		     type, 1 + dice_below(dice, 60), dice_once(dice, 2) ? "true" : "false");
	if (counts)
		buffer_print(out, "  condition: {gte: %zu}\n", 1 + dice_below(dice, 6));
	buffer_add_string(out, "  rules: [");
	for (size_t i = 0; i < steps; i++)
		buffer_print(out, "%sr%zu", i ? ", " : "", dice_below(dice, count));
	buffer_add_string(out, "]\n");
}

/* A test that holds together with many others of its set: of beginnings and ends of one
 * text, the longest makes all others hold. */
static void dense_make(struct buffer *out, struct dice *dice, size_t number)
{
	static const char text[] = "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.d/extra/"
				   "libcharset/iso-8859-15/../../../../share/zoneinfo/UTC";
	static const char *const fields[] = { "Image", "CommandLine", "ParentImage",
					      "TargetFilename" };
	enum event_type event = dice_once(dice, 3) ? EVENT_process_creation : EVENT_file_open;
	size_t most = event == EVENT_file_open ? 4 : 3, length = 1 + dice_below(dice, 100);

	buffer_print(out,
		     "---\ntitle: r%zu\nname: r%zu\nlevel: low\nresponse: %s\n"
		     "logsource: {product: linux, category: %s}\n"
		     "detection:\n  condition: s\n  s: {",
		     number, number, dice_once(dice, 4) ? response_choose(dice) : "alert",
		     event_table[event].name);
	if (dice_once(dice, 3))
		buffer_print(out, "UserId|gte: %zu}\n", length);
	else
		buffer_print(out, "%s|startswith: '%.*s'}\n", fields[dice_below(dice, most)],
			     (int)length, text);
}

int rules_make_dense(struct buffer *out, struct dice *dice, size_t count)
{
	for (size_t i = 0; i < count; i++)
		dense_make(out, dice, i);
	for (size_t i = 0; i < count / 4; i++)
		correlation_make(out, dice, i, count);
	return out->error;
}

int rules_make(struct buffer *out, struct dice *dice, size_t count)
{
	for (size_t i = 0; i < count; i++)
		detection_make(out, dice, i);
	for (size_t i = 0; i < count / 4; i++)
		correlation_make(out, dice, i, count);
	return out->error;
}
