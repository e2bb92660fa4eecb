export const redis = {
  from: "debian",
  version: "redis-server",
  packages: ["redis-server"],
  leaveOut: ["etc/init.d", "etc/logrotate.d", "etc/redis", "lib/systemd"],
  users: [{ name: "redis", id: 999, home: "/data" }],
  folders: [{ path: "data", owner: "redis" }],
  config: {
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["redis-server"],
    WorkingDir: "/data",
    Volumes: { "/data": {} },
    ExposedPorts: { "6379/tcp": {} },
  },
};
