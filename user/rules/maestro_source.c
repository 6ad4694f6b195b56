/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A single rule file given on the command line lies somewhere in a tree of rules: so
 * the folders above it are looked into as well.
 */
#include "rules/maestro_source.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "rules/default_paths.h"
#include "rules/strings.h"

/* The maestro.yml in a folder, or NULL. */
static char *look_in(const char *folder)
{
	struct stat status;
	char *file;

	if (asprintf(&file, "%s/" MAESTRO_FILE, folder) < 0)
		return NULL;
	if (!stat(file, &status) && S_ISREG(status.st_mode))
		return file;
	free(file);
	return NULL;
}

/* In the folder, or beside the file, and above. */
static char *look_above(const char *path)
{
	_cleanup_free_ char *folder = realpath(path, NULL);
	char *slash, *file;

	if (!folder)
		return NULL;
	file = look_in(folder);
	while (!file && (slash = strrchr(folder, '/'))) {
		*slash = 0;
		file = look_in(folder);
	}
	return file;
}

static char *look(const struct maestro_source *source)
{
	_cleanup_(strings_done) struct strings defaults = { 0 };
	char *file = source->given ? strdup(source->given) : NULL;

	for (size_t i = 0; !file && i < source->path_count; i++)
		file = look_above(source->paths[i]);
	if (!file && rules_default_paths(&defaults) >= 0)
		for (size_t i = 0; !file && i < defaults.count; i++)
			file = look_in(defaults.list[i]);
	return file;
}

const struct maestro *maestro_source_get(struct maestro_source *source, const struct place *place,
					 struct diagnostics *diagnostics)
{
	if (!source->looked) {
		source->looked = true;
		source->found = look(source);
		if (source->found)
			maestro_read(&source->maestro, source->found, diagnostics);
	}
	if (!source->found)
		diagnose(diagnostics, SEVERITY_ERROR, place,
			 "'maestro' cannot be checked: there is no " MAESTRO_FILE
			 " beside or above '%s', nor with the default rules",
			 source->path_count ? source->paths[0] : ".");
	else if (!source->maestro)
		diagnose(diagnostics, SEVERITY_ERROR, place,
			 "'maestro' cannot be checked: '%s' cannot be used", source->found);
	return source->maestro;
}

void maestro_source_done(struct maestro_source *source)
{
	maestro_free(source->maestro);
	free(source->found);
	*source = (struct maestro_source) { 0 };
}
