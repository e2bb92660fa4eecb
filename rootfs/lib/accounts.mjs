/**
 * Adds users, each with a group of its own name and number, to an image's /etc/passwd, /etc/group and /etc/shadow.
 * None of them can log in with a password.
 *
 * @param {import("./layer.mjs").Layer} layer
 * @param {{ name: string, id: number, home: string, shell?: string, about?: string }[]} users
 */
export function addUsers(layer, users) {
  const append = (path, mode, gid, lines) => {
    const before = layer.get(path)?.content?.toString() ?? "";
    const content = Buffer.from(`${before}${lines.map((line) => `${line}\n`).join("")}`);
    layer.add(path, { type: "file", mode, uid: 0, gid, content });
  };
  const line = ({ name, id, home, shell = "/usr/sbin/nologin", about = "" }) =>
    [name, "x", id, id, about, home, shell].join(":");
  append("etc/passwd", 0o644, 0, users.map(line));
  append(
    "etc/group",
    0o644,
    0,
    users.map(({ name, id }) => `${name}:x:${id}:`),
  );
  append(
    "etc/shadow",
    0o640,
    SHADOW,
    users.map(({ name }) => `${name}:*:::::::`),
  );
}

/** /etc/shadow of the users that /etc/passwd has already. */
export function addShadow(layer) {
  const names = layer
    .get("etc/passwd")
    .content.toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":")[0]);
  const content = Buffer.from(names.map((name) => `${name}:*:::::::\n`).join(""));
  layer.add("etc/shadow", { type: "file", mode: 0o640, uid: 0, gid: SHADOW, content });
}

/** Uid and gid of a user of the image. */
export function idOf(layer, name) {
  const passwd = layer.get("etc/passwd")?.content?.toString() ?? "";
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([one]) => one === name);
  if (fields === undefined) throw new Error(`the image has no user ${name}`);
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** The group `shadow` of every Debian. */
const SHADOW = 42;
