/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a regular expression the kernel can look for: texts of which one is in all that
 * it matches. Some expressions are nothing else than such texts.
 */
#ifndef FERMATA_REGEX_LITERALS_H
#define FERMATA_REGEX_LITERALS_H

#include "rules/fragment.h"
#include "rules/literal.h"

struct regex_literals {
	struct arena arena;
	enum literal_form form;
	/* FORM_LITERAL: it matches what has one of them, without regard to case, and nothing
	 * else. FORM_PIECE: it matches nothing that has none of them. Else empty. */
	struct words words;
};

/*
 * Takes a regular expression that PCRE2 has accepted with `flags` (enum regex_flag)
 * apart. What it does not understand makes the form FORM_WILD. -ENOMEM. The caller
 * releases them with regex_literals_done().
 */
int regex_literals_find(struct regex_literals *ret_literals, const unsigned char *pattern,
			size_t length, unsigned int flags);

void regex_literals_done(struct regex_literals *literals);

#endif
