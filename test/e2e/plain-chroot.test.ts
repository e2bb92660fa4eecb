import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkout } from "../support/tspod.ts";
import { pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** In a mount namespace of its own: all folders of the machine's root in one that is no mount point. */
const CHROOT = `
for path in /*; do
  [ -d "$path" ] && [ ! -L "$path" ] || { cp -P "$path" "$ROOM$path" 2>/dev/null; continue; }
  mkdir -p "$ROOM$path" && mount --rbind "$path" "$ROOM$path"
done
`;

function inChroot(script: string) {
  const room = join(tspod.dir, "room");
  mkdirSync(room, { recursive: true });
  const env = { ...process.env, ROOM: room, TSPOD: join(checkout, "bin/tspod"), ROOT: tspod.dir };
  const args = ["--mount", "--propagation", "private", "sh", "-c", CHROOT + script];
  return spawnSync("unshare", args, { encoding: "utf8", env, timeout: 300_000 });
}

it("a run in a plain chroot says what is wrong with it, doctor says it before, and the ways out are ones", () => {
  const file = tspod.manifest(pod("t", [sh("a", "echo hello")]));
  const run = `"$TSPOD" --root "$ROOT" run -q ${file}`;
  expect(inChroot(`chroot "$ROOM" ${run}`)).toMatchObject({
    status: 3,
    stdout: "",
    stderr: expect.stringMatching(
      /^error\[TS5114\]: holder: the root directory is not a mount point.*\n(.*\n)? {2}help: before/m,
    ),
  });
  const doctor = inChroot(`chroot "$ROOM" "$TSPOD" doctor`);
  expect(doctor.status).toBe(3);
  expect(doctor.stdout).toMatch(/root directory +not a mount point, as in a plain chroot/);
  const outside = inChroot(`mount --rbind "$ROOM" "$ROOM" && chroot "$ROOM" ${run}`);
  expect(outside, outside.stderr).toMatchObject({ status: 0, stdout: "a | hello\n" });
  const inside = inChroot(`chroot "$ROOM" sh -c 'mount --rbind / / && exec chroot /.. ${run}'`);
  expect(inside, inside.stderr).toMatchObject({ status: 0, stdout: "a | hello\n" });
  execFileSync("rm", ["-r", "--one-file-system", join(tspod.dir, "room")]);
});
