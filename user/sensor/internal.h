/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the sensor only.
 */
#ifndef FERMATA_SENSOR_INTERNAL_H
#define FERMATA_SENSOR_INTERNAL_H

#include <linux/types.h>
#include <stddef.h>

struct agent;
union bpf_iter_link_info;
struct bpf_program;
struct fermata_bpf;
struct sensor;

/* Every act of the session's members is refused and kills from here on. */
void sensor_session_condemn(struct sensor *sensor, __u32 row, __u64 session);

struct fermata_bpf *sensor_bpf(struct sensor *sensor);

/* A row of the agents map itself: the kernel side and children of ours write it, too. */
struct agent *sensor_row(struct sensor *sensor, __u32 row);
/* Runs an iterator over the tasks that `of` says, and fills the buffer with what it writes;
 * more than fits is not read. 0 or -errno. */
int sensor_iterate(struct bpf_program *program, union bpf_iter_link_info *of, void *buffer,
		   size_t size, size_t *ret_size);

#endif
