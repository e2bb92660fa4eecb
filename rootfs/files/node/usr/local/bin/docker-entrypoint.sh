#!/bin/sh
# A first argument that is an option or no program is Node's: `args: [server.js]` runs that script.
set -eu
case ${1:-} in
  -*) set -- node "$@" ;;
  ?*) command -v "$1" >/dev/null || set -- node "$@" ;;
esac
exec "$@"
