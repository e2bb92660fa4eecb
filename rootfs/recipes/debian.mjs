import process from "node:process";

/** A small Debian without a package manager: a shell and what people expect beside it. Other images stand on it. */
export const debian = {
  version: "base-files",
  packages: [
    "base-files",
    "base-passwd",
    "bash",
    "coreutils",
    "dash",
    "debianutils",
    "diffutils",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "libc-bin",
    "mawk",
    "ncurses-base",
    "sed",
    "tar",
    "util-linux",
  ],
  // Since Debian 12, each of these folders is a link from before the first package on.
  linksFirst: {
    bin: "usr/bin",
    lib: "usr/lib",
    sbin: "usr/sbin",
    ...(process.arch === "x64" ? { lib64: "usr/lib64" } : {}),
  },
  // What the maintainer scripts of base-files, base-passwd and libc-bin do.
  copies: {
    "etc/group": "usr/share/base-passwd/group.master",
    "etc/passwd": "usr/share/base-passwd/passwd.master",
    "etc/nsswitch.conf": "usr/share/libc-bin/nsswitch.conf",
    "etc/profile": "usr/share/base-files/profile",
    "root/.bashrc": "usr/share/base-files/dot.bashrc",
    "root/.profile": "usr/share/base-files/dot.profile",
  },
  folders: [{ path: "root", mode: 0o700 }],
  links: {
    "usr/bin/awk": "mawk",
    "var/lock": "/run/lock",
    "var/run": "/run",
  },
  config: {
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    Cmd: ["bash"],
  },
};
