#!/bin/bash
# Makes the database cluster at the first start, then runs the server as the user of this container; root becomes
# postgres first. POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB and POSTGRES_HOST_AUTH_METHOD say what is made.
set -euo pipefail

initialise() {
  local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  local database=${POSTGRES_DB:-$user} options=(--username="$user" --auth-local=trust --auth-host="$method")
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then
    initdb "${options[@]}" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
  elif [ "$method" = trust ]; then
    initdb "${options[@]}"
  else
    echo "The database is new and its user \"$user\" has no password: set POSTGRES_PASSWORD, or" >&2
    echo "POSTGRES_HOST_AUTH_METHOD=trust to let in everybody who reaches the port." >&2
    exit 1
  fi
  printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "CREATE DATABASE \"${database//\"/\"\"}\"" | postgres --single -j postgres >/dev/null
  fi
}

if [ "${1:-}" = postgres ]; then
  mkdir -p "$PGDATA"
  if [ "$(id -u)" = 0 ]; then
    chown postgres:postgres "$PGDATA"
    chmod 0700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise; fi
  set -- "$@" -c listen_addresses='*'
fi
exec "$@"
