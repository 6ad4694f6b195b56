/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sentence for each row of MODIFIERS; a modifier without one does not compile.
 */
#include "rules/modifier_info.h"

/* clang-format off */
#define MEANING_contains     "the value is anywhere in the text"
#define MEANING_startswith   "the value is at the beginning; of an address, whole octets: `10.`"
#define MEANING_endswith     "the value is at the end"
#define MEANING_cased        "compares with case; the kernel finds candidates, the user side confirms them"
#define MEANING_cidr         "networks, as `10.0.0.0/8`"
#define MEANING_lt           "less"
#define MEANING_lte          "less or equal"
#define MEANING_gt           "greater"
#define MEANING_gte          "greater or equal"
#define MEANING_all          "all values of the list, not any"
#define MEANING_neq          "none of the values; also holds when the field has no value"
#define MEANING_exists       "alone: whether the field has a value"
#define MEANING_windash      "a dash that begins a flag stands for each of `-` `/` `–` `—` `―`; at most 5 in a value"
#define MEANING_utf16        "before `base64` or `base64offset`: UTF-16 little endian after a byte order mark"
#define MEANING_utf16le      "before `base64` or `base64offset`: UTF-16 little endian"
#define MEANING_utf16be      "before `base64` or `base64offset`: UTF-16 big endian"
#define MEANING_wide         "the same as `utf16le`"
#define MEANING_base64       "before `contains` and the like: the base64 of the value"
#define MEANING_base64offset "before `contains`, which it needs: what is the same in the base64 of every longer text with the value in it, at each of three offsets"
#define MEANING_re           "a regular expression (PCRE, of bytes), found anywhere in the text, with case; the user side confirms all but plain words without case"
#define MEANING_i            "after `re`: without regard to case"
#define MEANING_m            "after `re`: `^` and `$` also at the lines within"
#define MEANING_s            "after `re`: `.` is also a newline"
#define MEANING_fieldref     "the value is the name of another field of that kind, to compare with; the user side confirms it"
#define MEANING_expand       "`%name%` stands for each value of that list under `expand:` in the configuration (`--config`)"
#define MEANING_minute       "the minute of a moment"
#define MEANING_hour         "the hour of a moment"
#define MEANING_day          "the day of the month"
#define MEANING_week         "the week of the year, by ISO 8601"
#define MEANING_month        "the month"
#define MEANING_year         "the year"
/* clang-format on */

const struct modifier_info modifier_info_table[MODIFIER_MAX] = {
#define M(name, ...) [MODIFIER_##name] = { #name, MEANING_##name },
	MODIFIERS(M)
#undef M
};

const struct kind_info kind_info_table[] = {
	{ KIND_text, "text",
	  "a text of bytes, without regard to ASCII case; `*` and `?` are wildcards" },
	{ KIND_num, "num", "a whole number, signed, of 64 bits" },
	{ KIND_bool, "bool", "true or false" },
	{ KIND_one, "one", "one of the names, or a number" },
	{ KIND_set, "set", "a set of the names; a test holds if any of its values is in it" },
	{ KIND_ip, "ip", "an address; IPv4 is the same as its IPv4-mapped IPv6 address" },
	{ KIND_time, "time",
	  "a moment in UTC, as `2026-01-31` or `2026-01-31T23:59:00Z`: a day, a second; the user "
	  "side confirms it" },
	{ 0 },
};
