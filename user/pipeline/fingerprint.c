/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/fingerprint.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

struct fingerprinter {
	EVP_MD *kind;
	EVP_MD_CTX *digest;
};

int fingerprinter_new(struct fingerprinter **ret_fingerprinter)
{
	_cleanup_(fingerprinter_freep) struct fingerprinter *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->kind = EVP_MD_fetch(NULL, "SHA256", NULL);
	f->digest = EVP_MD_CTX_new();
	if (!f->kind || !f->digest)
		return -ENOMEM;
	*ret_fingerprinter = take_ptr(f);
	return 0;
}

void fingerprinter_free(struct fingerprinter *f)
{
	EVP_MD_CTX_free(f->digest);
	EVP_MD_free(f->kind);
	free(f);
}

/* How the bytes of one field begin, so that those of two are not taken for others. */
struct head {
	__u64 kind; /* enum kind + 1; 0: no value */
	__u64 length;
};

static bool field_add(struct fingerprinter *f, const struct event_view *view, __u16 id,
		      bool *has_value)
{
	const struct field_info *field = id < FIELD_MAX ? &field_table[id] : NULL;
	struct head head = { 0 };
	const void *data = NULL;

	*has_value = field && event_view_has(view, field);
	if (*has_value && field->kind == KIND_text) {
		head = (struct head) { 1 + KIND_text, view->text[id].length };
		data = view->text[id].data;
	} else if (*has_value) {
		head = (struct head) { 1 + field->kind, field->kind == KIND_ip
								? sizeof(struct address)
								: sizeof(__u64) };
		data = event_view_address(view, field);
	}
	return EVP_DigestUpdate(f->digest, &head, sizeof(head)) &&
	       EVP_DigestUpdate(f->digest, data, head.length);
}

int fingerprint_take(struct fingerprint *ret_fingerprint, struct fingerprinter *f,
		     const struct event_view *view, const struct policy_key *keys, size_t count,
		     __u32 step)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	bool all = true, has_value;

	*ret_fingerprint = (struct fingerprint) { 0 };
	if (!count)
		return 1;
	if (!EVP_DigestInit_ex2(f->digest, f->kind, NULL))
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!field_add(f, view, keys[i].field[step][event_view_type(view)], &has_value))
			return -ENOMEM;
		all = all && has_value;
	}
	if (!EVP_DigestFinal_ex(f->digest, bytes, NULL))
		return -ENOMEM;
	memcpy(ret_fingerprint, bytes, sizeof(*ret_fingerprint));
	return all;
}
