#!/bin/bash
# Makes the database cluster at the first start, then runs the server as the user of this container; root becomes
# postgres first.
set -euo pipefail

if [ "${1:-}" = postgres ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown postgres:postgres "$PGDATA"
  chmod 0700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

initialise() {
  local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo "The database is new and has no password for its user \"$user\": set POSTGRES_PASSWORD," >&2
    echo "or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in who reaches the port." >&2
    exit 1
  fi
  initdb --username="$user" --auth-local=trust --auth-host="$method" \
    --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") ${POSTGRES_PASSWORD:+} >&2
  printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

if [ "${1:-}" = postgres ]; then
  if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise; fi
  set -- "$@" -c listen_addresses='*'
fi
exec "$@"
