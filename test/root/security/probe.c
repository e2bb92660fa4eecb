/* Tries system calls from inside a container and prints what each answered: `name errno`, 0 for success. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long result)
{
	printf("%s %d\n", name, result < 0 ? errno : 0);
}

static void fork_works(void)
{
	pid_t child = fork();

	if (child == 0) _exit(7);
	int status = 0;
	waitpid(child, &status, 0);
	errno = ECHILD;
	say("fork", WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : -1);
}

#ifdef __x86_64__
/* The 32-bit way into the kernel, open to every 64-bit program. */
static long int80(long number, long first)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
	if (result >= 0) return result;
	errno = (int)-result;
	return -1;
}
#endif

int main(void)
{
	say("unshare-user", syscall(SYS_unshare, CLONE_NEWUSER));
	say("unshare-mount", syscall(SYS_unshare, CLONE_NEWNS));
	say("unshare-files", syscall(SYS_unshare, CLONE_FILES));
	say("mount-cgroup", syscall(SYS_mount, "none", "/tmp", "cgroup", 0L, "memory"));
	say("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	say("add_key", syscall(SYS_add_key, "user", "x", "y", 1L, KEY_SPEC_SESSION_KEYRING));
	say("bpf", syscall(SYS_bpf, 0L, 0L, 0L));
	say("perf_event_open", syscall(SYS_perf_event_open, 0L, 0L, -1L, -1L, 0L));
	say("setns", syscall(SYS_setns, 0L, 0L));
	say("userfaultfd", syscall(SYS_userfaultfd, 0L));
	say("io_uring_setup", syscall(425, 1L, 0L));
	say("clone-user", syscall(SYS_clone, (long)(CLONE_NEWUSER | 17), 0L, 0L, 0L, 0L));
	say("clone3", syscall(435, 0L, 0L));
	say("newer", syscall(1000, 0L));
	say("af-alg", syscall(SYS_socket, 38L, 5L, 0L));
	say("af-alg-high", syscall(SYS_socket, 38L | 1L << 32, 5L, 0L));
	say("af-inet", syscall(SYS_socket, (long)AF_INET, (long)SOCK_STREAM, 0L));
	say("personality", syscall(SYS_personality, 0x40000L));
	say("personality-query", syscall(SYS_personality, 0xffffffffL));
	say("chroot", syscall(SYS_chroot, "/"));
	say("getpid", syscall(SYS_getpid));
#ifdef __x86_64__
	say("keyctl-int80", int80(288, 0));
	say("getpid-int80", int80(20, 0));
	say("newer-int80", int80(900, 0));
	say("keyctl-x32", syscall(0x40000000L | 250L, 0L, 0L, 0L));
#endif
	fork_works();
	return 0;
}
