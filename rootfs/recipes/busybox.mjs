import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Tree } from "../lib/tree.mjs";

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
operator:x:37:37:operator:/var:/bin/sh
nginx:x:101:101:web server:/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:operator
tty:x:5:
disk:x:6:
mail:x:8:
www-data:x:33:
operator:x:37:
staff:x:50:operator
users:x:100:
nginx:x:101:
nogroup:x:65534:
`;

/** One static program under all its names: enough of a system to show everything a pod does. */
export async function busybox({ find }) {
  const program = await find("busybox-static", "bin/busybox");
  const bytes = readFileSync(program);
  const tree = new Tree();
  for (const path of [
    "bin",
    "dev",
    "etc",
    "home",
    "proc",
    "run",
    "sbin",
    "sys",
    "usr/bin",
    "usr/sbin",
    "usr/share",
    "var/log",
    "var/www",
  ])
    tree.dir(path);
  tree.dir("root", { mode: 0o700 }).dir("tmp", { mode: 0o1777 }).dir("var/tmp", { mode: 0o1777 });
  tree.symlink("var/run", "../run");
  tree.file("etc/passwd", PASSWD).file("etc/group", GROUP);
  tree.file("etc/shadow", "root:*:::::::\n", { mode: 0o600 });
  tree.file("bin/busybox", bytes, { mode: 0o755 });
  for (const applet of applets(program)) if (!tree.has(applet)) tree.symlink(applet, "/bin/busybox");
  return {
    tree,
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["sh"],
    },
  };
}

/** `linuxrc` is an initrd's entry point and has no use in a container. */
function applets(program) {
  const listed = execFileSync(program, ["--list-full"], { encoding: "utf8", env: {} });
  return listed
    .split("\n")
    .filter((path) => path !== "" && path !== "linuxrc")
    .sort();
}
