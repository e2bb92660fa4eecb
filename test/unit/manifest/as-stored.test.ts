import { expect, it } from "vitest";
import { asStored } from "../../../src/manifest/as-stored.ts";
import { parse } from "./support.ts";

const stored = (kind: string, rest: string) => {
  const { objects, problems } = parse(`apiVersion: v1\nkind: ${kind}\nmetadata: {name: x}\n${rest}`);
  expect(problems).toEqual([]);
  return asStored(objects[0] as NonNullable<(typeof objects)[0]>);
};

it("an object is stored with the defaults of its kind", () => {
  expect(stored("Secret", "stringData: {a: b}\n")).toMatchObject({ type: "Opaque", data: { a: "Yg==" } });
  expect(stored("Secret", "type: my/own\n")).toMatchObject({ type: "my/own" });
  const claim = "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
  expect(stored("PersistentVolumeClaim", claim)).toMatchObject({ spec: { volumeMode: "Filesystem" } });
  expect(stored("ConfigMap", "data: {a: b}\n")).toMatchObject({ data: { a: "b" } });
  expect(stored("Service", "spec: {ports: [{port: 80}]}\n")).toMatchObject({
    spec: { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
  });
  expect(stored("Pod", "spec: {containers: [{name: a, image: b}]}\n")).toMatchObject({
    spec: { restartPolicy: "Always", containers: [{ imagePullPolicy: "Always" }] },
  });
});
