/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a policy image: what policy_check() lets pass evaluates events without harm.
 * The checksum is set right, so that mutations reach what it protects. The first byte
 * says whether the rest is an image or edits of one that was compiled.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "rules/policy_image.h"

/* In memory of exactly its size, so that ASan sees what is read behind it. */
static struct policy *image_make(const uint8_t *data, size_t size, size_t *ret_size)
{
	const struct policy *base = fuzz_policy(NULL)->policy;
	bool edits = data[0] & 1;
	size_t length = edits ? base->size : size - 1;
	struct policy *image = malloc(length);

	MUST(image);
	memcpy(image, edits ? (const void *)base : data + 1, length);
	if (edits)
		fuzz_edit(image, length, data + 1, size - 1);
	*ret_size = length;
	return image;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ struct policy *image = NULL;
	size_t length;

	if (size <= 1)
		return 0;
	image = image_make(data, size, &length);
	if (length >= sizeof(*image) && length <= POLICY_SIZE_MAX) {
		image->magic = POLICY_MAGIC;
		image->version = POLICY_VERSION;
		image->record_schema = RECORD_SCHEMA;
		image->size = (__u32)length;
		MUST(!policy_checksum(image, image->sha256));
	}
	if (!policy_check(image, length))
		fuzz_evaluate(image);
	return 0;
}
