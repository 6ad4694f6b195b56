/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/gap.h"

#define AS_GIVEN "as the caller gave it: links among its directories are not resolved"
#define NOT_YET "not known before the act"
#define NO_SENDER "not known: packets are told by the cgroup of their socket"

const struct gap gap_table[] = {
	{ EVENT_network_connection, SHELL_cgroup, "SourceIp", "not known to a cgroup program" },
	{ EVENT_network_listen, SHELL_lsm, "DestinationIp", NOT_YET },
	{ EVENT_network_listen, SHELL_lsm, "DestinationPort", NOT_YET },
	{ EVENT_network_listen, SHELL_fmod_ret, "DestinationIp", NOT_YET },
	{ EVENT_network_listen, SHELL_fmod_ret, "DestinationPort", NOT_YET },
	{ EVENT_network_send, SHELL_packet, "Image", NO_SENDER },
	{ EVENT_dns_query, SHELL_packet, "Image", NO_SENDER },
	{ EVENT_tls_handshake, SHELL_packet, "Image", NO_SENDER },
	{ EVENT_file_delete, SHELL_sys_exit, "TargetFilename", AS_GIVEN },
	{ EVENT_file_rename, SHELL_sys_exit, "TargetFilename", AS_GIVEN },
	{ EVENT_file_link, SHELL_sys_exit, "TargetFilename", AS_GIVEN },
	{ EVENT_file_symlink, SHELL_sys_exit, "TargetFilename", AS_GIVEN },
	{ EVENT_file_attribute, SHELL_sys_exit, "TargetFilename", AS_GIVEN },
	{ EVENT_process_access, SHELL_sys_exit, "TargetImage",
	  "of process_vm_readv and process_vm_writev not known" },
	{ EVENT_keyring, SHELL_sys_exit, "Description",
	  "of what keyctl is told by number not known" },
	{ .field = NULL },
};

bool gap_is_here(const struct gap *gap, const struct plan *plan)
{
	if (plan_event(plan, gap->event) != gap->shell)
		return false;
	/* where connections are seen it is known who sends */
	return gap->shell != SHELL_packet ||
	       plan_event(plan, EVENT_network_connection) == SHELL_none;
}
