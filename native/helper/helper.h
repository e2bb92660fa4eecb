/* What the files of the helper share: the state of a run, and the shape of an operation's function. */
#ifndef TSPOD_HELPER_H
#define TSPOD_HELPER_H

#include "tspod_calls.h"
#include "tspod_kernel.h"
#include "tspod_wire.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TS_FD_PLAN = 3, TS_FD_EVENTS = 4, TS_FD_GATE = 5, TS_FD_FIRST = 6 };

/* Exit codes of a helper that did not get as far as execve; 126 and 127 are the shell's. */
enum { TS_EXIT_FAILED = 125, TS_EXIT_NOT_EXECUTABLE = 126, TS_EXIT_NOT_FOUND = 127 };

struct ts_log {
  int dir_fd, fd;
  const char *name;
  uint64_t max_bytes;
  uint32_t max_files;
  uint64_t size;
};

struct ts_exit_record {
  int dir_fd, oom_fd, kill_fd;
  const char *name;
  uint64_t oom_before;
};

struct ts_attach {
  int listen_fd, size_fd; /* -1 when nobody can attach */
  int master_fd;          /* of the container's terminal, once it has come */
  int input, once;
};

struct ts_run {
  uint32_t step;
  int stage; /* 1 or 2 */
  int trace;
  enum ts_call call; /* what failed last, for the FAIL event */
  int64_t detail;
  int root_fd;
  int proc_fd;
  int mask_fd; /* detached empty tmpfs that hides folders */
  int null_fd; /* detached clone of the container's verified null device */
  int parent_pidfd;
  int parent_pid;
  int death_signal;
  unsigned umask;
  int own_stdio; /* 0, 1 and 2 were made by the monitor or are a terminal of ours */
  int terminal;  /* `console` has been done */
  int master_fd; /* stage 2's end of the socket on which the monitor awaits the terminal */
  int mark_fd;   /* stage 2 tells stage 1 how far it came: 'X' about to execve, 'F' failed */
  struct ts_log log;
  struct ts_exit_record record;
  struct ts_attach attach;
};

/* 0, or -1 with errno set and run->call telling which system call it was. */
typedef int ts_op_function(struct ts_run *run, const struct ts_op *op);
#define X(code, function, name, shape) ts_op_function ts_op_##function;
TSPOD_OPS(X)
#undef X

/* `return TS_FAILED(run, mount);`, and the same for a reason found by ourselves. */
#define TS_FAILED(run, name)        ((run)->call = TS_CALL_##name, -1)
#define TS_REFUSED(run, name, code) (errno = (code), (run)->call = TS_CALL_##name, -1)

enum ts_event {
  TS_EVENT_STEP = 1,
  TS_EVENT_FAIL,
  TS_EVENT_CLONED,
  TS_EVENT_GATE,
  TS_EVENT_EXEC,
  TS_EVENT_EXITED,
  TS_EVENT_PAUSED,
  TS_EVENT_STARTED
};
void ts_emit(const struct ts_run *run, enum ts_event kind, int error, int64_t argument);
/* Reports errno and run->call of the op that has just failed, and ends the process. */
_Noreturn void ts_give_up(struct ts_run *run, int exit_code);
/* True when stage 1 has died; then PDEATHSIG may have come before it was asked for. */
int ts_orphaned(const struct ts_run *run);
int ts_arm_death_signal(struct ts_run *run);

/* inroot.c: everything beneath a root, by descriptor. */
int ts_need_root(struct ts_run *run);
int ts_resolve(struct ts_run *run, const char *path, uint64_t flags, uint64_t resolve);
int ts_open_parent(struct ts_run *run, const char *path, const char **last);
int ts_make_dirs(struct ts_run *run, int base, const char *path, mode_t mode, uid_t uid, gid_t gid,
                 uint64_t resolve);
int ts_make_target(struct ts_run *run, const char *path, int folder);
int ts_open_null(struct ts_run *run, int flags);

/* confine.c; `keep` is a mask of capabilities. */
enum { TS_CAP_KILL = 5 };
int ts_drop_capabilities(uint64_t keep);
/* ops_user.c: makes effective what is permitted. */
int ts_raise_permitted(void);
int ts_allow_only(const int *calls, size_t count, const int *event_calls, size_t event_count);

/* ops_process.c: closes every descriptor from `from` on but those kept (-1 stands for none). */
int ts_close_all_but(unsigned from, const int *kept, size_t count);

/* signals.c */
void ts_block_signals(void);
void ts_default_signals(void);

/* clone.c ends in one of these, in stage 1. */
struct ts_child {
  int pid, pidfd;
  int mark_fd;
  int in_fd; /* write end of its input, or -1 */
  int out_fd, err_fd;
  int master_socket;
};
_Noreturn void ts_monitor(struct ts_run *run, struct ts_child *child);
_Noreturn void ts_wait_command(struct ts_run *run, struct ts_child *child);
/* How far stage 2 came: 'X' executed, 'F' failed and said so, 0 died before. Call after it ended or closed
 * the mark. */
int ts_read_mark(int mark_fd);

/* logformat.c: one record of the kubelet's format, `tag` 'F' for a whole line and 'P' for a part of one. */
enum { TS_LINE_MAX = 16384 };
void ts_log_record(struct ts_log *log, const char *stream, char tag, const char *bytes, size_t length);
void ts_log_flush(struct ts_log *log);

/* logfile.c */
int ts_log_open(struct ts_log *log);
void ts_log_append(struct ts_log *log, const char *bytes, size_t length);
void ts_log_rotate(struct ts_log *log);

/* attach.c: people at a container. The set that is polled begins with what `watch` fills. */
struct pollfd;
enum { TS_ATTACH_CLIENTS = 8, TS_ATTACH_POLLED = 3 + TS_ATTACH_CLIENTS };
/* Where input goes: a pipe, -1 for none; or the terminal, once it is there. */
void ts_attach_begin(int pipe);
void ts_attach_terminal(const struct ts_attach *attach, int master);
void ts_attach_watch(const struct ts_attach *attach, struct pollfd *set);
void ts_attach_serve(const struct ts_attach *attach, const struct pollfd *set);
/* To everybody who is there; `stream` is 1 or 2, `length` at most TS_LINE_MAX + 1. */
void ts_attach_output(int stream, const char *bytes, size_t length);
/* The container has ended: what is still on its way is handed over. */
void ts_attach_finish(void);

/* exitrecord.c */
int ts_record_exit(const struct ts_exit_record *record, int status);
/* Kills what the first process has left of its container. */
void ts_kill_rest(const struct ts_exit_record *record);
/* What a wait status is to Kubernetes: the exit code, or 128 + signal. */
int ts_exit_code(int status);

/* format.c: no printf in the processes that stay. */
enum { TS_STAMP_LENGTH = 30 };
/* 2026-11-21T13:05:44.123456789Z, now, in UTC; no terminator. */
void ts_stamp(char out[TS_STAMP_LENGTH]);
/* Decimal digits, at most 20; returns how many. */
size_t ts_format_u64(char *out, uint64_t value);
/* Appends a text, bounded by `end`; returns the new end of text. */
char *ts_append(char *at, const char *end, const char *text);
char *ts_append_u64(char *at, const char *end, uint64_t value);

#endif
