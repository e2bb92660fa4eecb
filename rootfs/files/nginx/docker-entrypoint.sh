#!/bin/sh
# Runs the scripts that a derived image or a volume puts into /docker-entrypoint.d, then the command itself.
set -eu
for script in /docker-entrypoint.d/*.sh; do
  [ ! -x "$script" ] || "$script"
done
exec "$@"
