#ifndef LIMIT_H
#define LIMIT_H
#include <stdint.h>
#include <sys/types.h>

enum { MAX_CONTAINERS = 16, MAX_HIERARCHIES = 3 };

enum phase { HOLDER, NETWORK, CGROUPS, JOIN, OVERLAY, MOUNTS, PIVOT, CONFINE, EXEC, PHASES };

/* Nanoseconds by phase, shared with the containers, which add their parts: sums over all containers. */
extern uint64_t *spent;

uint64_t now(void);
/* Books the time since *from to a phase and starts the next one. */
void lap(enum phase phase, uint64_t *from);
_Noreturn void fail(const char *what);
void write_file(const char *path, const char *text);

/* net.c: a bridge, and a veth pair from it into the namespace of the holder, with address and default route.
 */
int route_socket(void);
unsigned make_bridge(int host);
void connect_pod(int host, unsigned bridge, pid_t holder, int holder_pidfd, int own_net);

/* cgroup.c: `container` is a number, or -1 for the pod's own folder. */
extern int hierarchy_count;
extern int unified; /* the controllers are in the v2 tree */
void find_hierarchies(void);
/* entrances[i]: on v1 the `tasks` files, on v2 the folder. */
void make_cgroups(int container, int *entrances);
void remove_cgroups(int container);

/* container.c: what runs between clone and execve. */
struct container {
  int holder_pidfd;
  int *entrances;
  const char *lower, *folder;
};
_Noreturn void become_container(const struct container *container);
#endif
