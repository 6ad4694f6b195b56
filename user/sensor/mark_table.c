/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/mark_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void mark_table_init(struct mark_table *table)
{
	pthread_mutex_init(&table->lock, NULL);
	table->count = 0;
}

static bool is_of(const struct mark *mark, const struct stat *file)
{
	return mark->inode == file->st_ino && mark->device == file->st_dev;
}

bool mark_table_has(struct mark_table *table, const struct stat *file, const char *name)
{
	bool has = false;

	pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < table->count && !has; i++)
		has = is_of(&table->mark[i], file) && !strcmp(table->mark[i].name, name);
	pthread_mutex_unlock(&table->lock);
	return has;
}

int mark_table_add(struct mark_table *table, const struct stat *file, const struct mark *placed,
		   const char *name)
{
	struct mark mark = { file->st_dev, file->st_ino, placed->file, placed->watch,
			     strdup(name) };
	int r = 0;

	if (!mark.name)
		return -ENOMEM;
	pthread_mutex_lock(&table->lock);
	if (table->count < MARKS_MAX)
		table->mark[table->count++] = mark;
	else
		r = -ENOSPC;
	pthread_mutex_unlock(&table->lock);
	if (r)
		free(mark.name);
	return r;
}

bool mark_table_take(struct mark_table *table, int watch, struct mark *ret_mark)
{
	bool found = false;

	pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < table->count && !found; i++) {
		if (watch != -1 && table->mark[i].watch != watch)
			continue;
		*ret_mark = table->mark[i];
		table->mark[i] = table->mark[--table->count];
		found = true;
	}
	pthread_mutex_unlock(&table->lock);
	return found;
}

bool mark_table_name(struct mark_table *table, const struct stat *file, size_t nth,
		     struct text *ret_name)
{
	bool found = false;
	size_t length;

	pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < table->count && !found; i++) {
		length = strlen(table->mark[i].name);
		if (!is_of(&table->mark[i], file) || length > TEXT_MAX || nth--)
			continue;
		memcpy(ret_name->byte, table->mark[i].name, length);
		ret_name->length = (__u32)length;
		found = true;
	}
	pthread_mutex_unlock(&table->lock);
	return found;
}
