import { expect } from "vitest";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";
import { variablesOf } from "./support/variables.ts";

const node = kubelet();
const value = (name: string, text: string) => ({ name, value: text });
const key = (
  name: string,
  kind: "configMap" | "secret",
  object: string,
  entry: string,
  optional?: boolean,
) => ({
  name,
  valueFrom: { [`${kind}KeyRef`]: { name: object, key: entry, ...(optional && { optional }) } },
});
const objects = [
  { kind: "ConfigMap", name: "cm", data: { colour: "red", size: "big", "log.level": "debug" } },
  { kind: "ConfigMap", name: "later", data: { colour: "blue" } },
].map(({ kind, name, data }) => ({ apiVersion: "v1", kind, metadata: { name }, data }));
const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s" },
  data: { user: Buffer.from("admin").toString("base64") },
  stringData: { pass: "x $(y) z" },
};

const told = node.ended(
  pod("told", [
    sh("values", "env", {
      env: [
        value("EMPTY", ""),
        value("FIRST", "one"),
        value("SECOND", "$(FIRST) two"),
        value("THIRD", "<$(SECOND)>"),
        value("EARLY", "$(LATE)"),
        value("LATE", "late"),
        value("ESCAPED", "$$(FIRST)"),
        value("DOLLARS", "$$$$ $ $x $$"),
        value("UNKNOWN", "$(NOWHERE)"),
        value("UNCLOSED", "$(FIRST"),
        value("SAME", "old"),
        value("SAME", "new"),
        value("OWN", "$(FIRST)-$(FIRST)"),
      ],
    }),
    sh("keys", "env", {
      env: [
        key("COLOUR", "configMap", "cm", "colour"),
        key("USER", "secret", "s", "user"),
        key("PASS", "secret", "s", "pass"),
        value("LOGIN", "$(USER):$(COLOUR)"),
        key("NO_KEY", "configMap", "cm", "nope", true),
        key("NO_MAP", "configMap", "nope", "nope", true),
        key("NO_SECRET", "secret", "nope", "nope", true),
      ],
    }),
    sh("all", "", {
      // A shell would drop the names that it cannot hold.
      command: ["/usr/bin/env"],
      envFrom: [
        { configMapRef: { name: "cm" } },
        { prefix: "MY_", configMapRef: { name: "cm" } },
        { configMapRef: { name: "later" } },
        { secretRef: { name: "s" } },
        { configMapRef: { name: "absent", optional: true } },
        { secretRef: { name: "absent", optional: true } },
      ],
      env: [value("size", "small"), value("SUM", "$(colour) $(user)")],
    }),
    sh("image", "env", {
      env: [value("PATH", "/own"), value("PLUS", "$(PATH)")] as never,
      command: ["/usr/bin/env"],
    }),
    sh("plain", "env"),
  ]),
  { objects: [...objects, secret] },
);
const of = async (container: string) => variablesOf((await told()).printed(container));

behaviour("env-20", "a value may be empty: the variable is there", from.env, async () => {
  expect(await of("values")).toMatchObject({ EMPTY: "" });
});

behaviour(
  "env-21",
  "$(NAME) in a value is the variable defined before it, as expanded",
  from.dependentEnv,
  async () => {
    expect(await of("values")).toMatchObject({ SECOND: "one two", THIRD: "<one two>", OWN: "one-one" });
  },
);

behaviour(
  "env-22",
  "$(NAME) of a variable defined later stays as it is written",
  from.dependentEnv,
  async () => {
    expect(await of("values")).toMatchObject({ EARLY: "$(LATE)", LATE: "late" });
  },
);

behaviour("env-23", "$$(NAME) is an escape and is never expanded", from.dependentEnv, async () => {
  expect(await of("values")).toMatchObject({ ESCAPED: "$(FIRST)" });
});

behaviour(
  "env-24",
  "two dollars are one; a dollar with nothing to expand stays",
  from.containerSpec,
  async () => {
    expect(await of("values")).toMatchObject({ DOLLARS: "$$ $ $x $" });
  },
);

behaviour(
  "env-25",
  "$(NAME) that nothing defines, or that is not closed, stays",
  from.dependentEnv,
  async () => {
    expect(await of("values")).toMatchObject({ UNKNOWN: "$(NOWHERE)", UNCLOSED: "$(FIRST" });
  },
);

behaviour("env-26", "of two variables of one name, the later has the say", from.containerSpec, async () => {
  expect(await of("values")).toMatchObject({ SAME: "new" });
});

behaviour(
  "env-27",
  "a key of a ConfigMap or a Secret, decoded, is a variable",
  from.configMapPod,
  async () => {
    expect(await of("keys")).toMatchObject({ COLOUR: "red", USER: "admin" });
  },
);

behaviour("env-28", "what comes from a Secret is not expanded again", from.dependentEnv, async () => {
  expect(await of("keys")).toMatchObject({ PASS: "x $(y) z" });
});

behaviour("env-29", "variables from keys can be used in later values", from.dependentEnv, async () => {
  expect(await of("keys")).toMatchObject({ LOGIN: "admin:red" });
});

behaviour(
  "env-30",
  "an optional key or object that is missing leaves the variable out",
  from.configMapPod,
  async () => {
    const found = await of("keys");
    expect(found.COLOUR).toBe("red");
    for (const name of ["NO_KEY", "NO_MAP", "NO_SECRET"]) expect(found).not.toHaveProperty(name);
  },
);

behaviour(
  "env-31",
  "envFrom makes a variable of each key of a ConfigMap and a Secret",
  from.configMapPod,
  async () => {
    expect(await of("all")).toMatchObject({ user: "admin", "log.level": "debug" });
  },
);

behaviour("env-32", "envFrom's prefix comes before each name", from.containerSpec, async () => {
  expect(await of("all")).toMatchObject({ MY_colour: "red", MY_size: "big" });
});

behaviour("env-33", "of several sources with one key, the last has the say", from.containerSpec, async () => {
  expect(await of("all")).toMatchObject({ colour: "blue" });
});

behaviour("env-34", "env has the say over envFrom, and may use it", from.containerSpec, async () => {
  expect(await of("all")).toMatchObject({ size: "small", SUM: "blue admin" });
});

behaviour("env-35", "an optional source of envFrom may be missing", from.configMapPod, async () => {
  expect((await told()).code).toBe(0);
  expect(await of("all")).toHaveProperty("colour");
});

behaviour("env-36", "env has the say over the image's variables", from.env, async () => {
  const found = await of("image");
  expect(found.PATH).toBe("/own");
  expect(found.PLUS).toBe("/own");
  expect((await of("plain")).PATH).toContain("/usr/bin");
});

behaviour("env-37", "HOSTNAME is the pod's name", from.pods, async () => {
  expect(await of("plain")).toMatchObject({ HOSTNAME: "told" });
});

behaviour("env-38", "a container sees none of the variables of what started it", from.env, async () => {
  const found = await of("plain");
  expect(Object.keys(found).sort()).toEqual(["HOME", "HOSTNAME", "PATH", "PWD", "SHLVL"]);
});

behaviour(
  "env-39",
  "a key that is missing and not optional keeps the container from starting",
  from.configMapPod,
  async () => {
    const env = [key("X", "configMap", "cm", "nope")];
    const said = await node.refused(pod("lacks", [sh("a", "true", { env })]), { objects });
    expect(said).toContain("nope");
    expect(said).toContain("cm");
  },
);

behaviour(
  "env-40",
  "an object that is missing and not optional keeps the container from starting",
  from.secret,
  async () => {
    const envFrom = [{ secretRef: { name: "absent" } }];
    const said = await node.refused(pod("lacks", [sh("a", "true", { envFrom })]));
    expect(said).toContain("absent");
  },
);
