/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose packets are when nobody was seen sending them: of the session whose cgroup their
 * socket was made in.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "sender.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"

int sensor_owner_put(const struct sensor *sensor, const struct sensor_session *session, __u32 row)
{
	const struct owner owner = { session->session, row, session->trial };

	if (!session->cgroup)
		return 0;
	return bpf_map_update_elem(sensor->handles.map[MAP_owners], &session->cgroup, &owner,
				   BPF_ANY)
		       ? -errno
		       : 0;
}

static void owners_forget(int map, __u64 session)
{
	__u64 key, next;
	struct owner owner;
	bool more = !bpf_map_get_next_key(map, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (!bpf_map_lookup_elem(map, &key, &owner) && owner.session == session)
			bpf_map_delete_elem(map, &key);
	}
}

static void peers_forget(int map, __u64 session)
{
	struct peer_key key, next;
	bool more = !bpf_map_get_next_key(map, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		if (key.session == session)
			bpf_map_delete_elem(map, &key);
	}
}

void sensor_owner_forget(const struct sensor *sensor, __u64 session)
{
	owners_forget(sensor->handles.map[MAP_owners], session);
	peers_forget(sensor->handles.map[MAP_peers], session);
}
