import { describe, expect, it } from "vitest";
import {
  countProblems,
  type Problem,
  problemRow,
  renderProblem,
  renderProblems,
} from "../../../src/manifest/index.ts";
import { parse, pod } from "./support.ts";

/** The article's ghost.yaml as it was printed: mounts under the ports, volumes in a container, the last list out of line. */
const ghost = `apiVersion: v1
kind: Pod
metadata:
  name: ghost
  namespace: default
spec:
  containers:
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
    ports:
    - containerPort: 80
      hostPort: 8888
      volumeMounts:
    - mountPath: /etc/nginx/
      name: nginx-config
      readOnly: true
  - name: ghost
    image: ghost
    imagePullPolicy: IfNotPresent
    volumes:
   - name: nginx-config
     configMap:
       name: nginx-config
       EOF
`;

describe("the article's broken file", () => {
  it("is told where the list is out of line, and where it belongs", () => {
    const { problems, objects } = parse(ghost);
    expect(objects).toEqual([]);
    expect(renderProblems(problems)).toBe(`error[TS1103]: bad indentation of a mapping entry (YAML)
  --> pod.yaml:22:4
  21 |     volumes:
  22 |    - name: nginx-config
     |    ^ this list item is indented 3 spaces; "volumes:" above starts at column 5
  help: "volumes" belongs to spec (2 spaces), next to "containers", not inside a container

1 error`);
  });

  it("half repaired, is told all that is left, at once", () => {
    const repaired = ghost
      .replace(
        "   - name: nginx-config\n     configMap:\n       name",
        "    - name: nginx-config\n      configMap:\n        name",
      )
      .replace("       EOF\n", "");
    expect(
      renderProblems(parse(repaired).problems),
    ).toBe(`error[TS2001]: spec.containers[0].ports[0]: unknown field "volumeMounts" — did you mean spec.containers[0].volumeMounts?
  --> pod.yaml:14:7
  14 |       volumeMounts:
     |       ^^^^^^^^^^^^
  help: "volumeMounts" belongs to spec.containers[0]: write it next to "name"

error[TS2001]: spec.containers[0].ports[1]: unknown fields "mountPath", "readOnly" — this looks like a volumeMounts item; missing required field "containerPort"
  --> pod.yaml:15:7
  15 |     - mountPath: /etc/nginx/
     |       ^^^^^^^^^
  help: if it is one, move it into the list "volumeMounts"

error[TS2001]: spec.containers[1]: unknown field "volumes" — did you mean spec.volumes?
  --> pod.yaml:21:5
  21 |     volumes:
     |     ^^^^^^^
  help: "volumes" belongs to spec: write it next to "containers"

3 errors`);
  });
});

describe("a problem as text", () => {
  const first = (text: string) => {
    const { problems, warnings } = parse(text);
    return [...problems, ...warnings][0] as NonNullable<(typeof problems)[0]>;
  };

  it("has severity, code, fact, place, source, caret and suggestion", () => {
    const flow = `apiVersion: v1
kind: Pod
metadata: {name: bad}
spec:
  containers:
  - {name: a, image: localhost/bb:1, comand: [sleep, "5"]}
`;
    expect(renderProblem(first(flow))).toBe(`error[TS2001]: spec.containers[0]: unknown field "comand"
  --> pod.yaml:6:38
   6 |   - {name: a, image: localhost/bb:1, comand: [sleep, "5"]}
     |                                      ^^^^^^ did you mean "command"?`);
  });

  it("is coloured by a function that is passed in", () => {
    const text = renderProblem(first(pod({ spec: "hostname: A" })), {
      style: (style, part) => `<${style}>${part}</>`,
    });
    expect(text).toContain("<error>error[TS3001]</>: spec.hostname");
    expect(text).toContain("<gutter>--></> <place>pod.yaml:6:13</>");
    expect(text).toContain("<caret>^</>");
  });

  it("is one line when it only notes what a field does here, and whole when a flag makes it an error", () => {
    const text = pod({ spec: "nodeSelector: {a: b}" });
    expect(renderProblem(first(text))).toBe(
      "warning[TS2008]: spec.nodeSelector: ignored on a single node: there is one node and no scheduler (pod.yaml:6:3)",
    );
    const [error] = parse(text, { strictSingleNode: true }).problems;
    expect(renderProblem(error as Problem)).toContain("\n  --> pod.yaml:6:3\n");
  });

  it("shows a window of a long line, with the caret in it", () => {
    const long = `apiVersion: v1\nkind: Pod\nmetadata: {name: x, annotations: {a: "${"-".repeat(300)}"}, lables: {}, labels: {b: "${"=".repeat(300)}"}}\nspec: {containers: [{name: a, image: b}]}\n`;
    const lines = renderProblem(first(long), { width: 60 }).split("\n");
    expect(lines.every((line) => line.length <= 90)).toBe(true);
    const source = lines[2] as string;
    const caret = lines[3] as string;
    expect(source).toContain("…");
    expect(source.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("lables");
  });

  it("keeps the caret in its place behind wide characters", () => {
    const lines = renderProblem(
      first(pod({}).replace("metadata:\n", 'metadata:\n  annotations: {a: "容器", b: 1}\n')),
    ).split("\n");
    expect(lines[2]).toContain('{a: "容器", b: 1}');
    expect((lines[3] as string).indexOf("^")).toBe((lines[2] as string).indexOf("1}") + 2);
  });

  it("lets no control character of the manifest through", () => {
    const text = renderProblem(first(pod({ container: '"\\u001b[2Jx\\u009b": 1' })));
    expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
  });

  it("is a row of JSON too", () => {
    expect(problemRow(first(pod({ container: "args: [5]" })))).toEqual({
      severity: "error",
      code: "TS2002",
      file: "pod.yaml",
      line: 9,
      col: 12,
      path: "spec.containers[0].args[0]",
      object: "pod/web",
      message: "spec.containers[0].args[0]: Invalid value: 5: must be a string, not an integer",
      value: 5,
      help: 'quote it: "5"',
    });
    expect(problemRow(first(pod({ container: "comand: [a]" }))).help).toBe('did you mean "command"?');
  });

  it("is counted", () => {
    const { problems, warnings } = parse(pod({ spec: "nodeSelector: {a: b}", container: "a: 1\nb: 2" }));
    expect(countProblems([...problems, ...warnings])).toBe("2 errors, 1 warning");
    expect(countProblems([])).toBe("no problems");
  });
});
