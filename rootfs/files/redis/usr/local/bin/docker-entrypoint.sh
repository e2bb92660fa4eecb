#!/bin/sh
# A first argument that is an option or a configuration file is redis-server's.
set -eu
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "${1:-}" = redis-server ]; then
  # Its protected mode answers loopback only; in a pod, who may connect is the network's business.
  set -- "$@" --protected-mode no
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid redis --regid redis --init-groups "$@"
  fi
fi
exec "$@"
