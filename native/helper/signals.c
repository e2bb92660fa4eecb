#include "helper.h"
#include <signal.h>

void ts_block_signals(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  /* Blocked it would stay pending and hit the container after the unblocking. */
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
}

/* execve keeps ignored signals ignored and blocked ones blocked; a container's program expects neither. */
void ts_default_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (int number = 1; number <= 64; number++)
    sigaction(number, &action,
              NULL); /* KILL, STOP and the C library's own refuse: they are default already */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}
