import { join } from "node:path";
import { expect } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { pod } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { imageWith } from "./support/image.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const PATH = "PATH=/usr/bin:/bin";
const image = imageWith(join(node.tspod.dir, "both"), {
  Entrypoint: ["echo", "from-entrypoint"],
  Cmd: ["from-cmd"],
  Env: [PATH, "IMAGE=own"],
  WorkingDir: "/var/www",
  User: "33:33",
});
const bare = imageWith(join(node.tspod.dir, "bare"), { Env: [PATH] });
const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image, ...more });

const told = node.ended(
  pod("told", [
    container("neither"),
    container("command", { command: ["echo", "own"] }),
    container("args", { args: ["own-args"] }),
    container("both", { command: ["echo", "own"], args: ["own-args", "two"] }),
    container("expanded", {
      command: ["echo", "$(WHO)", "$$(WHO)", "$(NOBODY)"],
      args: ["<$(WHO)>", "$(IMAGE)", "$(POD)"],
      env: [
        { name: "WHO", value: "you" },
        { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ],
    }),
    container("spaces", { command: ["printf", "[%s]"], args: ["a b", "", "c;d", "$HOME *"] }),
    container("place", { command: ["pwd"] }),
    container("moved", { command: ["pwd"], workingDir: "/etc" }),
    container("made", { command: ["pwd"], workingDir: "/not/there/yet" }),
    container("user", { command: ["id"] }),
    container("other-user", { command: ["id"], securityContext: { runAsUser: 8, runAsGroup: 8 } }),
    container("from-path", { command: ["basename", "/x/found"] }),
    container("signal", { command: ["sh", "-c", "kill -9 $(PID)"], env: [{ name: "PID", value: "$$$$" }] }),
  ]),
);
const printed = async (name: string) => (await told()).printed(name).trimEnd();

behaviour(
  "command-01",
  "without command and args, the image's ENTRYPOINT and CMD run",
  from.args,
  async () => {
    expect(await printed("neither")).toBe("from-entrypoint from-cmd");
  },
);

behaviour("command-02", "command takes the place of ENTRYPOINT, and of CMD too", from.args, async () => {
  expect(await printed("command")).toBe("own");
});

behaviour(
  "command-03",
  "args alone take the place of CMD, after the image's ENTRYPOINT",
  from.args,
  async () => {
    expect(await printed("args")).toBe("from-entrypoint own-args");
  },
);

behaviour("command-04", "command and args together leave nothing of the image's", from.args, async () => {
  expect(await printed("both")).toBe("own own-args two");
});

behaviour("command-05", "$(NAME) in command and args is the container's variable", from.args, async () => {
  expect(await printed("expanded")).toMatch(/^you .*<you> .*told$/);
});

behaviour("command-06", "$$(NAME) and unknown names are not expanded", from.containerSpec, async () => {
  expect(await printed("expanded")).toContain("you $(WHO) $(NOBODY) ");
});

behaviour(
  "command-07",
  "a variable that only the image sets is not expanded",
  from.containerSpec,
  async () => {
    expect(await printed("expanded")).toContain(" $(IMAGE) ");
  },
);

behaviour(
  "command-08",
  "no shell takes part: blanks, quotes and stars reach the program",
  from.args,
  async () => {
    expect(await printed("spaces")).toBe("[a b][][c;d][$HOME *]");
  },
);

behaviour(
  "command-09",
  "a command without a slash is looked for in the container's PATH",
  from.args,
  async () => {
    expect(await printed("from-path")).toBe("found");
  },
);

behaviour(
  "command-10",
  "the working folder is the image's unless workingDir names one",
  from.containerSpec,
  async () => {
    expect([await printed("place"), await printed("moved")]).toEqual(["/var/www", "/etc"]);
  },
);

behaviour("command-11", "a workingDir that is not there is made", from.containerSpec, async () => {
  expect(await printed("made")).toBe("/not/there/yet");
});

behaviour("command-12", "the user is the image's unless runAsUser names one", from.security, async () => {
  expect(await printed("user")).toMatch(/^uid=33\(www-data\) gid=33\(www-data\)/);
  expect(await printed("other-user")).toMatch(/^uid=8\(mail\) gid=8\(mail\)/);
});

behaviour("command-13", "a container without any command cannot start", from.args, async () => {
  expect(await node.refused(pod("none", [{ name: "a", image: bare }]))).toMatch(/no command specified/i);
});

behaviour("command-14", "a command that is not in the image never starts", from.containerSpec, async () => {
  const said = await node.refused(pod("none", [container("a", { command: ["nowhere"] })]));
  expect(said).toContain('"nowhere"');
  expect(said).toMatch(/not found|no such file/);
});
