/** The distribution's nginx with the paths, user, log format and signals of the image that everybody knows. */
export const nginx = {
  from: "debian",
  version: "nginx",
  packages: ["nginx"],
  // nginx-common wants it for its service file only.
  assumed: ["iproute2"],
  leaveOut: ["etc/init.d", "etc/nginx/nginx.conf", "etc/nginx/sites-*", "etc/ufw", "lib/systemd", "var/www"],
  users: [{ name: "nginx", id: 101, home: "/nonexistent", about: "nginx user" }],
  folders: [{ path: "docker-entrypoint.d" }, { path: "var/log/nginx", owner: "nginx" }],
  links: {
    "var/log/nginx/access.log": "/dev/stdout",
    "var/log/nginx/error.log": "/dev/stderr",
  },
  config: {
    Entrypoint: ["/docker-entrypoint.sh"],
    Cmd: ["nginx", "-g", "daemon off;"],
    ExposedPorts: { "80/tcp": {} },
    StopSignal: "SIGQUIT",
  },
};
