import type { Container, Pod, PodSpec } from "../../../src/manifest/index.ts";

/** A pod of busybox containers that ends quickly when asked to. */
export function pod(name: string, containers: Container[], spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers, ...spec },
  } as Pod;
}

/** A container that runs a shell script. */
export function sh(name: string, script: string, more: Partial<Container> = {}): Container {
  return { name, image: "busybox", command: ["sh", "-c", script], ...more } as Container;
}

/** A container that sleeps and ends at once on TERM: the shell waits for it, and PID 1 needs a handler. */
export function idle(name: string, more: Partial<Container> = {}): Container {
  return sh(name, "trap exit TERM; while :; do sleep 3600 & wait; done", more);
}

/** A web server that serves one page. */
export function web(name: string, port: number, page: string, more: Partial<Container> = {}): Container {
  return sh(name, `mkdir -p /www; echo '${page}' > /www/index.html; exec httpd -f -p ${port} -h /www`, more);
}
