#!/bin/sh
# The packaged starter, with this container's own folders.
exec "$CATALINA_HOME/bin/catalina.sh" "$@"
