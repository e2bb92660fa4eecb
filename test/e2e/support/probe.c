/*
 * What tests do inside a container and busybox cannot. Prints what it found; a system call that fails ends it with
 * exit code 1 and the name of the call and the error on standard error.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *call) {
  fprintf(stderr, "%s: %s\n", call, strerror(errno));
  return 1;
}

static int shm_make(const char *text) {
  int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (id < 0) return fail("shmget");
  char *at = shmat(id, NULL, 0);
  if (at == (void *)-1) return fail("shmat");
  strncpy(at, text, 4095);
  printf("%d\n", id);
  return 0;
}

static int shm_read(const char *id) {
  char *at = shmat(atoi(id), NULL, SHM_RDONLY);
  if (at == (void *)-1) return fail("shmat");
  puts(at);
  return 0;
}

static int mq_put(const char *name, const char *text) {
  struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 256};
  mqd_t queue = mq_open(name, O_CREAT | O_WRONLY, 0600, &attr);
  if (queue < 0) return fail("mq_open");
  return mq_send(queue, text, strlen(text) + 1, 0) ? fail("mq_send") : 0;
}

static int mq_take(const char *name) {
  char text[256];
  mqd_t queue = mq_open(name, O_RDONLY | O_NONBLOCK);
  if (queue < 0) return fail("mq_open");
  if (mq_receive(queue, text, sizeof text, NULL) < 0) return fail("mq_receive");
  puts(text);
  return 0;
}

/* Each orphan's parent ends at once; the orphan ends a little later, when it has got its new parent. */
static int orphans(int count) {
  for (int i = 0; i < count; i++) {
    pid_t pid = fork();
    if (pid < 0) return fail("fork");
    if (pid == 0) {
      pid_t orphan = fork();
      if (orphan < 0) _exit(fail("fork"));
      if (orphan == 0) {
        usleep(50000);
        _exit(0);
      }
      _exit(0);
    }
    waitpid(pid, NULL, 0);
  }
  return 0;
}

/* Forks until the kernel says no, and prints how many there were. */
static int fork_bomb(void) {
  int count = 0;
  for (;;) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) {
      pause();
      _exit(0);
    }
    count++;
  }
  printf("%d, then %s\n", count, errno == EAGAIN ? "EAGAIN" : strerror(errno));
  fflush(stdout);
  return 0;
}

static int list_fds(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return fail("opendir");
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder)) continue;
    char path[64], target[256] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%.20s", entry->d_name);
    if (readlink(path, target, sizeof target - 1) < 0) return fail("readlink");
    printf("%s %s\n", entry->d_name, target);
  }
  return 0;
}

/* Puts characters into the terminal's input, as if typed. */
static int push(const char *text) {
  for (; *text; text++)
    if (ioctl(0, TIOCSTI, text) < 0) return fail("TIOCSTI");
  return 0;
}

/* An abstract socket's name as it stands in /proc/net/unix, after the @. */
static int connect_abstract(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  if (length > sizeof address.sun_path - 1) length = sizeof address.sun_path - 1;
  memcpy(address.sun_path + 1, name, length);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return fail("socket");
  socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 + length;
  return connect(fd, (void *)&address, size) ? fail("connect") : 0;
}

/* Answers each datagram with itself, from the address it was sent to. */
static int udp_echo(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (void *)&address, sizeof address)) return fail("bind");
  for (;;) {
    char text[1500];
    socklen_t size = sizeof address;
    ssize_t length = recvfrom(fd, text, sizeof text, 0, (void *)&address, &size);
    if (length < 0) return fail("recvfrom");
    sendto(fd, text, length, 0, (void *)&address, size);
  }
}

static int unshare_and_mount(int flags, const char *controller) {
  if (unshare(flags) < 0) return fail("unshare");
  if (mount("cgroup", "/tmp", "cgroup", 0, controller) < 0) return fail("mount");
  puts("mounted");
  return 0;
}

/* TERM to PID 1 in two ways that kill(2) is not: their senders may say any pid, or none. */
static int term_init(void) {
  siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_QUEUE};
  if (syscall(SYS_rt_sigqueueinfo, 1, SIGTERM, &info)) return fail("rt_sigqueueinfo");
  if (syscall(SYS_tgkill, 1, 1, SIGTERM)) return fail("tgkill");
  return 0;
}

/* A shell that does not end with its parent. */
static int outlive(const char *script) {
  prctl(PR_SET_PDEATHSIG, 0);
  execl("/bin/sh", "sh", "-c", script, (char *)NULL);
  return fail("execl");
}

/* keyctl(2); musl has no header for it. */
enum { SESSION_KEYRING = -3, JOIN_SESSION_KEYRING = 1, SEARCH = 10, READ = 11 };

/* A command with a session keyring of its own, on which there is a key. */
static int with_key(const char *text, char *const *command) {
  if (syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL) < 0) return fail("keyctl");
  if (syscall(SYS_add_key, "user", "canary", text, strlen(text), SESSION_KEYRING) < 0)
    return fail("add_key");
  execvp(command[0], command);
  return fail("execvp");
}

static int read_key(void) {
  char text[64] = {0};
  long key = syscall(SYS_keyctl, SEARCH, SESSION_KEYRING, "user", "canary", 0);
  if (key < 0) return fail("search");
  if (syscall(SYS_keyctl, READ, key, text, sizeof text - 1) < 0) return fail("read");
  puts(text);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "", *second = argc > 3 ? argv[3] : "";
  if (!strcmp(what, "shm-make")) return shm_make(first);
  if (!strcmp(what, "shm-read")) return shm_read(first);
  if (!strcmp(what, "mq-put")) return mq_put(first, second);
  if (!strcmp(what, "mq-take")) return mq_take(first);
  if (!strcmp(what, "orphans")) return orphans(atoi(first));
  if (!strcmp(what, "fork-bomb")) return fork_bomb();
  if (!strcmp(what, "term-init")) return term_init();
  if (!strcmp(what, "with-key") && argc > 3) return with_key(first, argv + 3);
  if (!strcmp(what, "read-key")) return read_key();
  if (!strcmp(what, "outlive")) return outlive(first);
  if (!strcmp(what, "uids")) return printf("%u %u\n", getuid(), geteuid()) < 0;
  if (!strcmp(what, "fds")) return list_fds();
  if (!strcmp(what, "push")) return push(first);
  if (!strcmp(what, "connect-abstract")) return connect_abstract(first);
  if (!strcmp(what, "udp-echo")) return udp_echo(atoi(first));
  if (!strcmp(what, "cgroup-userns")) return unshare_and_mount(CLONE_NEWUSER | CLONE_NEWNS, first);
  if (!strcmp(what, "cgroup-mount")) return unshare_and_mount(0, first);
  fprintf(stderr, "probe: %s?\n", what);
  return 2;
}
