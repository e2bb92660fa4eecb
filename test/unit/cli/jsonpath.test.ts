import { describe, expect, it } from "vitest";
import { renderTemplate, valuesAt } from "../../../src/cli/jsonpath/evaluate.ts";
import { parsePath, parseTemplate } from "../../../src/cli/jsonpath/parse.ts";

// The document and the results of the Kubernetes documentation's table of JSONPath examples.
const list = {
  kind: "List",
  items: [
    {
      kind: "None",
      metadata: { name: "127.0.0.1", labels: { "kubernetes.io/hostname": "127.0.0.1" } },
      status: { capacity: { cpu: "4" }, addresses: [{ type: "LegacyHostIP", address: "127.0.0.1" }] },
    },
    {
      kind: "None",
      metadata: { name: "127.0.0.2" },
      status: {
        capacity: { cpu: "8" },
        addresses: [
          { type: "LegacyHostIP", address: "127.0.0.2" },
          { type: "another", address: "127.0.0.3" },
        ],
      },
    },
  ],
  users: [
    { name: "myself", user: {} },
    { name: "e2e", user: { username: "admin", password: "secret" }, age: 40, ready: true },
  ],
};

const rendered = (template: string) => renderTemplate(parseTemplate(template), list);

describe("a jsonpath template", () => {
  it.each([
    ["kind is {.kind}", "kind is List"],
    ["{.kind}", "List"],
    ["{@.kind} {$.kind} {['kind']}", "List List List"],
    ["{..name}", "127.0.0.1 127.0.0.2 myself e2e"],
    ["{.items[*].metadata.name}", "127.0.0.1 127.0.0.2"],
    ["{.users[0].name}", "myself"],
    ["{.users[-1].name}", "e2e"],
    ["{.users[0:1].name}", "myself"],
    ["{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 127.0.0.2 {"cpu":"4"} {"cpu":"8"}'],
    ["{.users[*]['name','age']}", "myself e2e 40"],
    ["{.users[*]['name','user']['username']}", "admin"],
    ["{.users[1]['user.username']} {.users[1]['user\\.username']}", "admin "],
    ["{.users[0,1].name}", "myself e2e"],
    ['{.users[?(@.name=="e2e")].user.password}', "secret"],
    ["{.users[?(@.age>39)].name}", "e2e"],
    ["{.users[?(@.age >= 41)].name}", ""],
    ["{.users[?(@.ready==true)].name}", "e2e"],
    ["{.users[?(@.user.username)].name}", "e2e"],
    ["{.users[?(@.name!='e2e')].name}", "myself"],
    [
      "{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}",
      '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] ',
    ],
    [
      '{range .items[*]}{.metadata.name}{"\\t"}{.status.capacity.cpu}{"\\n"}{end}',
      "127.0.0.1\t4\n127.0.0.2\t8\n",
    ],
    [
      "{range .items[*]}{range .status.addresses[*]}{.type};{end}|{end}",
      "LegacyHostIP;|LegacyHostIP;another;|",
    ],
    ["{.items[0].metadata.labels.kubernetes\\.io/hostname}", "127.0.0.1"],
    ["{.items[0].metadata.labels['kubernetes.io/hostname']}", "127.0.0.1"],
    ["{.items[*].status.addresses[?(@.type=='another')].address}", "127.0.0.3"],
    ["{.missing.field}{.kind.length}", ""],
    ["{range .items[*]}{$.kind}{end}", "ListList"],
    ["{'a'}{.kind}\\n", "aList\\n"],
    ["{.users[1].user}", '{"password":"secret","username":"admin"}'],
    ["no braces", "no braces"],
  ])("%s", (template, text) => expect(rendered(template)).toBe(text));

  it.each([
    ["{.items[*", "unterminated array"],
    ["{.kind", "unclosed action"],
    ["{range .items[*]}x", "unclosed range"],
    ["{end}", "nothing to end"],
    ["{.users[?(@.a==1]}", "unclosed filter"],
    ["{.users[x]}", "an index, a slice"],
    ['{"open}', "unterminated quoted string"],
    ["{,}", "a path expected"],
  ])("%s is refused", (template, why) => expect(() => parseTemplate(template)).toThrow(why));

  it("an index that is not there is an error", () => {
    expect(() => rendered("{.users[2].name}")).toThrow("array index out of bounds: index 2, length 2");
  });
});

it.each([".kind", "kind", "{.kind}", "{kind}", "$.kind"])("a path may be written %s", (text) => {
  expect(valuesAt(parsePath(text), list)).toEqual(["List"]);
});

it("what no template can mean is refused in a path, too", () => {
  expect(() => parsePath(".a b")).toThrow("unexpected text at character 4");
});
