/** The distribution's PostgreSQL, started as its own user on a data folder that it makes at first. */
export const postgres = {
  from: "debian",
  version: "postgresql",
  packages: ["postgresql"],
  // The wrappers for several clusters on one machine; sources of locales (C.UTF-8 is compiled); and the compiler of the
  // optional JIT, 100 MB for the sake of long queries.
  assumed: [
    "libjson-perl",
    "libllvm14",
    "libllvm19",
    "locales",
    "postgresql-client-common",
    "postgresql-common",
    "ssl-cert",
  ],
  leaveOut: ["usr/lib/postgresql/*/lib/bitcode", "usr/lib/postgresql/*/lib/llvmjit*"],
  users: [{ name: "postgres", id: 999, home: "/var/lib/postgresql", shell: "/bin/bash" }],
  folders: [
    { path: "var/lib/postgresql", owner: "postgres" },
    { path: "var/lib/postgresql/data", mode: 0o1777, owner: "postgres" },
    { path: "run/postgresql", mode: 0o3777, owner: "postgres" },
  ],
  linkAll: { "usr/lib/postgresql/*/bin/*": "usr/local/bin" },
  config: {
    Env: ["LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"],
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["postgres"],
    Volumes: { "/var/lib/postgresql/data": {} },
    ExposedPorts: { "5432/tcp": {} },
    StopSignal: "SIGINT",
  },
};
