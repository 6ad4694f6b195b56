/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/policy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "rules/policy_image.h"
#include "rules/rule_codec.h"

#define ALIGN_8(size) (((size) + 7) & ~(size_t)7)
#define FILE_BYTES_MAX (sizeof(struct policy_file_head) + POLICY_SIZE_MAX + RULES_BYTES_MAX)

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

/* FNV-1a over what numbers in the file stand for. */
static void schema_add(__u64 *hash, const void *data, size_t length)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < length; i++)
		*hash = (*hash ^ byte[i]) * 0x100000001b3;
}

__u64 policy_file_schema(void)
{
	__u64 hash = 0xcbf29ce484222325;

	for (int i = 0; i < EVENT_MAX; i++)
		schema_add(&hash, event_table[i].name, strlen(event_table[i].name) + 1);
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];
		const __s64 row[] = { field->event, field->kind, field->slot, field->offset };

		schema_add(&hash, field->name, strlen(field->name) + 1);
		schema_add(&hash, row, sizeof(row));
	}
	for (int i = 0; i < RESPONSE_MAX; i++)
		schema_add(&hash, response_table[i], strlen(response_table[i]) + 1);
	return hash;
}

/* The checksum of the file whose head is at `data`. */
static int checksum(__u8 ret_sha256[32], const char *data, size_t size)
{
	struct policy_file_head head;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool ok;

	if (!digest)
		return -ENOMEM;
	memcpy(&head, data, sizeof(head));
	memset(head.sha256, 0, sizeof(head.sha256));
	ok = EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
	     EVP_DigestUpdate(digest, &head, sizeof(head)) &&
	     EVP_DigestUpdate(digest, data + sizeof(head), size - sizeof(head)) &&
	     EVP_DigestFinal_ex(digest, ret_sha256, NULL);
	EVP_MD_CTX_free(digest);
	return ok ? 0 : -ENOMEM;
}

static int file_make(struct buffer *file, const struct ruleset *ruleset,
		     const struct compiled *compiled)
{
	_cleanup_buffer_ struct buffer rules = BUFFER(RULES_BYTES_MAX);
	struct policy_file_head head = { .magic = POLICY_FILE_MAGIC,
					 .version = POLICY_FILE_VERSION,
					 .schema = policy_file_schema(),
					 .image = compiled->policy->size };
	static const char zeros[8];
	int r = rules_encode(&rules, ruleset, compiled);

	if (r < 0)
		return r;
	head.rules = rules.length;
	buffer_add(file, &head, sizeof(head));
	buffer_add(file, compiled->policy, head.image);
	buffer_add(file, zeros, ALIGN_8(head.image) - head.image);
	buffer_add(file, rules.data, rules.length);
	if (file->error)
		return file->error;
	r = checksum(head.sha256, file->data, file->length);
	memcpy(file->data, &head, sizeof(head));
	return r;
}

/* The file beside the one that it is to become. */
static int aside_write(const char *path, const struct buffer *file)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *aside = NULL;
	mode_t mask = umask(0);
	int r;

	umask(mask);
	if (asprintf(&aside, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, file->data, file->length);
	if (!r && (fchmod(fd, 0644 & ~mask) || fsync(fd) || rename(aside, path)))
		r = -errno;
	if (r)
		unlink(aside);
	return r;
}

int policy_file_write(const char *path, const struct ruleset *ruleset,
		      const struct compiled *compiled)
{
	_cleanup_buffer_ struct buffer file = BUFFER(FILE_BYTES_MAX);
	int r = file_make(&file, ruleset, compiled);

	return r < 0 ? r : aside_write(path, &file);
}

static int head_check(const struct policy_file_head *head, const char *data, size_t size)
{
	__u8 sha256[32];
	int r;

	if (size < sizeof(*head) || head->magic != POLICY_FILE_MAGIC)
		return -EINVAL;
	if (head->version != POLICY_FILE_VERSION || head->schema != policy_file_schema())
		return -EPROTONOSUPPORT;
	r = checksum(sha256, data, size);
	if (r < 0)
		return r;
	if (memcmp(sha256, head->sha256, sizeof(sha256)) != 0)
		return -EBADMSG;
	if (head->image > POLICY_SIZE_MAX || head->rules > RULES_BYTES_MAX ||
	    size != sizeof(*head) + ALIGN_8(head->image) + head->rules)
		return -EINVAL;
	return 0;
}

/* A copy of the image with the room that it has when it is compiled. */
static int image_take(struct policy **ret_policy, size_t *ret_capacity, const void *image,
		      size_t size)
{
	size_t capacity = POLICY_SIZE_MIN;
	struct policy *policy;

	while (capacity < size)
		capacity *= 2;
	policy = calloc(1, capacity);
	if (!policy)
		return -ENOMEM;
	memcpy(policy, image, size);
	*ret_policy = policy;
	*ret_capacity = capacity;
	return 0;
}

int policy_file_read(struct ruleset **ret_ruleset, struct compiled **ret_compiled, const char *path)
{
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	const struct policy_file_head *head;
	_cleanup_free_ char *data = NULL;
	const char *image;
	size_t size;
	int r = file_read(path, FILE_BYTES_MAX, &data, &size);

	if (r < 0)
		return r;
	head = (const void *)data;
	r = head_check(head, data, size);
	if (r < 0)
		return r;
	image = data + sizeof(*head);
	r = policy_check(image, head->image);
	if (!r && ((const struct policy *)image)->size != head->image)
		r = -EINVAL;
	if (!r)
		r = rules_decode(&ruleset, &compiled, image + ALIGN_8(head->image), head->rules,
				 (const struct policy *)image);
	if (!r)
		r = image_take(&compiled->policy, &compiled->capacity, image, head->image);
	if (r < 0)
		return r;
	*ret_ruleset = take_ptr(ruleset);
	*ret_compiled = take_ptr(compiled);
	return 0;
}

const char *policy_file_error(int error)
{
	switch (error) {
	case -EINVAL:
		return "it is not a policy file, or a broken one; make one with 'fermata rules "
		       "build'";
	case -EPROTONOSUPPORT:
		return "it was made by another version of Fermata; make it again with 'fermata "
		       "rules build'";
	case -EBADMSG:
		return "it is damaged: its checksum is wrong; make it again with 'fermata rules "
		       "build'";
	case -EFBIG:
		return "it is larger than any policy file";
	default:
		return NULL;
	}
}
