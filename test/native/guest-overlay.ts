import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { CLONE_NEWNS, MS_PRIVATE, MS_REC } from "../../src/kernel/constants.ts";
import { loadAddon } from "../../src/kernel/load-addon.ts";
import { NativeKernel } from "../../src/kernel/native/index.ts";

// Runs in a guest kernel (guest-overlay.test.ts): images of many layers, by the command and by the helper.

const kernel = new NativeKernel(loadAddon);
const top = "/mnt/overlay";
for (const name of ["", "/image", "/root", "/upper", "/work"]) mkdirSync(top + name);
const layers = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const lower = `${top}/${count}:${index}`;
    mkdirSync(lower);
    writeFileSync(`${lower}/all`, String(index));
    writeFileSync(`${lower}/only-${index}`, "");
    return lower;
  });
const seen = (folder: string) => ({
  all: readFileSync(`${folder}/all`, "utf8"),
  only: readdirSync(folder).filter((name) => name.startsWith("only-")).length,
});

kernel.mountOverlay(`${top}/image`, layers(200));

const helper = kernel.startHelper({
  title: "/pause",
  flags: CLONE_NEWNS,
  cgroup: "",
  fds: [],
  ops: [
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    {
      op: "overlay",
      target: `${top}/root`,
      lowers: layers(500),
      upper: `${top}/upper`,
      work: `${top}/work`,
      options: ["volatile"],
    },
    { op: "pause" },
  ],
});
const event = kernel.nextEvent(helper, 20_000);
const root = `/proc/${helper.process.pid}/root${top}/root`;
let written = "";
if (typeof event === "object" && event.kind === "paused") {
  writeFileSync(`${root}/all`, "written");
  written = readFileSync(`${top}/upper/all`, "utf8");
}
const report = {
  oneByOne: readFileSync("/proc/self/mountinfo", "utf8").includes("lowerdir+="),
  image: seen(`${top}/image`),
  event: typeof event === "object" ? event.kind : event,
  failure: typeof event === "object" && event.kind === "fail" ? `${event.syscall} ${event.errno}` : "",
  root: event !== "end" ? seen(root) : undefined,
  written,
};
process.stdout.write(`\nREPORT ${JSON.stringify(report)}\n`);
