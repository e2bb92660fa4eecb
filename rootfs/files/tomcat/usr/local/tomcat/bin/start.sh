#!/bin/sh
# Tomcat in the foreground, as the first process of its container.
exec "$CATALINA_HOME/bin/catalina.sh" run
