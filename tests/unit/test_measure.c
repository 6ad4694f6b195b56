/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "pipeline/measure.h"
#include "unit.h"

/* Numbers that correlations reached, in decimals. */
UNIT_TEST(measure, in_decimals)
{
	static const struct {
		__int128 sum;
		__u64 count;
		const char *text;
	} cases[] = {
		{ 0, 1, "0" },
		{ 12, 1, "12" },
		{ -12, 1, "-12" },
		{ 25, 2, "12.5" },
		{ -25, 2, "-12.5" },
		{ 1, 3, "0.333" },
		{ 2, 3, "0.667" },
		{ 2000, 2001, "1" },
		{ 100, 1, "100" },
		{ (__int128)5 << 61, 1, "11529215046068469760" },
		{ (__int128)1 << 100, 1, "18446744073709551615" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buffer_ struct buffer out = BUFFER(100);
		const struct reached reached = { cases[i].sum, cases[i].count, false };

		CU_ASSERT_EQUAL(reached_print(&out, &reached), 0);
		CU_ASSERT_STRING_EQUAL(buffer_string(&out), cases[i].text);
	}
}
