/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/ground.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/mount.h"

#define ADDRESS 0x400000 /* where the program is mapped */

/* The smallest program: exit(0). */
static const struct {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char text[9];
} program = {
	.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				 EV_CURRENT },
		    .e_type = ET_EXEC,
		    .e_machine = EM_X86_64,
		    .e_version = EV_CURRENT,
		    .e_entry = ADDRESS + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		    .e_phoff = sizeof(Elf64_Ehdr),
		    .e_ehsize = sizeof(Elf64_Ehdr),
		    .e_phentsize = sizeof(Elf64_Phdr),
		    .e_phnum = 1 },
	.segment = { .p_type = PT_LOAD,
		     .p_flags = PF_R | PF_X,
		     .p_vaddr = ADDRESS,
		     .p_filesz = sizeof(program),
		     .p_memsz = sizeof(program),
		     .p_align = 0x1000 },
	.text = { 0xb8, 60, 0, 0, 0, /* mov eax, SYS_exit */
		  0x31, 0xff, /* xor edi, edi */
		  0x0f, 0x05 }, /* syscall */
};

static int file_make(int directory, const char *name, mode_t mode, const void *data, size_t size)
{
	_cleanup_close_ int fd =
		openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	return write(fd, data, size) == (ssize_t)size ? 0 : -EIO;
}

static int directory_make(struct ground *ground)
{
	ground->directory = filesystem_make("tmpfs");
	if (ground->directory >= 0)
		return 0;
	strcpy(ground->path, "/tmp/fermata-trial.XXXXXX");
	if (!mkdtemp(ground->path))
		return -errno;
	ground->directory = open(ground->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ground->directory >= 0)
		return 0;
	rmdir(ground->path);
	return -errno;
}

int ground_make(struct ground *ret_ground)
{
	struct ground ground = { .directory = -1 };
	int r = directory_make(&ground);

	if (r)
		return r;
	r = file_make(ground.directory, "file", 0600, "", 0);
	if (!r)
		r = file_make(ground.directory, "program", 0700, &program, sizeof(program));
	if (r) {
		ground_remove(&ground);
		return r;
	}
	*ret_ground = ground;
	return 0;
}

void ground_remove(struct ground *ground)
{
	static const char *const names[] = { "file", "program", "new", "newer", "link", "symlink" };

	for (size_t i = 0; *ground->path && i < ARRAY_SIZE(names); i++)
		unlinkat(ground->directory, names[i], 0);
	if (*ground->path) {
		unlinkat(ground->directory, "directory", AT_REMOVEDIR);
		rmdir(ground->path);
	}
	close(ground->directory);
}
