/* Raw mode of the caller's own terminal. */
#include "tspod_addon.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>

size_t ts_mode_size(void) {
  return sizeof(struct termios);
}

/* A background process that sets a mode is stopped by TTOU; blocked, the call just works, which restoring
 * wants. */
static int set_mode(int fd, const struct termios *mode) {
  sigset_t ttou, before;
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &ttou, &before);
  int result = tcsetattr(fd, TCSADRAIN, mode);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return result;
}

int ts_raw_mode(int fd, void *saved, size_t size) {
  struct termios mode = {0};
  if (size < sizeof mode || tcgetattr(fd, &mode))
    return -1;
  memcpy(saved, &mode, sizeof mode);
  cfmakeraw(&mode);
  return set_mode(fd, &mode);
}

int ts_restore_mode(int fd, const void *saved, size_t size) {
  struct termios mode;
  if (size != sizeof mode) {
    errno = EINVAL;
    return -1;
  }
  memcpy(&mode, saved, sizeof mode);
  return set_mode(fd, &mode);
}
