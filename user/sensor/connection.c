/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int diag_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

/* A socket stays in the namespace that it was made in. */
static int diag_socket_of(__u32 pid)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other = -1;
	struct stat here, there;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	other = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || fstat(own, &here) || fstat(other, &there) ||
	    here.st_ino == there.st_ino || setns(other, CLONE_NEWNET))
		return diag_socket();
	fd = diag_socket();
	return setns(own, CLONE_NEWNET) ? -errno : fd;
}

static bool is_v4(const struct address *address)
{
	return IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
}

/* An address as sock_diag has it. */
static void address_put(__be32 target[4], const struct address *address)
{
	if (is_v4(address))
		memcpy(target, (const char *)address + 12, 4);
	else
		memcpy(target, address, 16);
}

static int acknowledged(int fd)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer;
	ssize_t n = recv(fd, &answer, sizeof(answer), 0);

	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(answer) || answer.head.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

int connection_abort(const struct connection *connection, __u32 pid)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 request;
	} message = {
		.head = { .nlmsg_len = sizeof(message),
			  .nlmsg_type = SOCK_DESTROY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.request = { .sdiag_family = is_v4(&connection->destination) ? AF_INET : AF_INET6,
			     .sdiag_protocol = IPPROTO_TCP,
			     .idiag_states = ~0u,
			     .id = { .idiag_sport = htons(connection->source_port),
				     .idiag_dport = htons(connection->destination_port),
				     .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } } },
	};
	_cleanup_close_ int fd = diag_socket_of(pid);

	if (fd < 0)
		return fd;
	address_put(message.request.id.idiag_src, &connection->source);
	address_put(message.request.id.idiag_dst, &connection->destination);
	return send(fd, &message, sizeof(message), 0) < 0 ? -errno : acknowledged(fd);
}
