/** The distribution's Node.js. */
export const node = {
  from: "debian",
  version: "nodejs",
  packages: ["nodejs"],
  users: [{ name: "node", id: 1000, home: "/home/node", shell: "/bin/bash" }],
  folders: [{ path: "home/node", owner: "node" }],
  config: {
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["node"],
  },
};
