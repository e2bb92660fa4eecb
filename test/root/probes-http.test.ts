import type { IncomingMessage } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { HTTPGetAction } from "../../src/manifest/index.ts";
import { httpProbe } from "../../src/pod/handler/http-probe.ts";
import { tcpProbe } from "../../src/pod/handler/tcp.ts";
import { get, limits, servers, target } from "./support/loopback-pod.ts";

const { listening, serve } = servers();

describe("httpGet", () => {
  it.each([
    [200, "success"],
    [204, "success"],
    [304, "warning"],
    [399, "warning"],
    [400, "failure"],
    [404, "failure"],
    [503, "failure"],
  ])("status %i is %s", async (status, result) => {
    const port = await serve((_, response) => response.writeHead(status).end());
    const verdict = await get(port);
    expect(verdict.result).toBe(result);
    if (result === "failure") expect(verdict.output).toBe(`HTTP probe failed with statuscode: ${status}`);
  });

  /** The request as its server has seen it. */
  async function seen(more: Partial<HTTPGetAction>): Promise<{ line: string; headers: string[] }> {
    let request: IncomingMessage | undefined;
    const port = await serve((from, response) => {
      request = from;
      response.end();
    });
    await get(port, more);
    const { method, url, httpVersion, rawHeaders = [] } = request ?? {};
    const headers = rawHeaders.flatMap((text, i) => (i % 2 ? [] : [`${text}: ${rawHeaders[i + 1]}`]));
    return {
      line: `${method} ${url} HTTP/${httpVersion}`,
      headers: headers.map((text) => text.replace(`:${port}`, ":PORT")),
    };
  }

  it("asks as a kubelet asks", async () => {
    const { line, headers } = await seen({ path: "/health?deep=1" });
    expect(line).toBe("GET /health?deep=1 HTTP/1.1");
    expect(headers.sort()).toEqual([
      "Accept: */*",
      "Connection: close",
      "Host: 127.0.0.1:PORT",
      "User-Agent: kube-probe/1.36",
    ]);
  });

  it("sends the manifest's headers, the Host among them, and none that is set to nothing", async () => {
    const httpHeaders = [
      { name: "host", value: "web.example" },
      { name: "x-twice", value: "a" },
      { name: "X-Twice", value: "b" },
      { name: "X-Word", value: "grün" },
      { name: "accept", value: "" },
      { name: "User-Agent", value: "me" },
    ];
    const { headers } = await seen({ httpHeaders });
    expect(headers.sort()).toEqual([
      "Connection: close",
      "Host: web.example",
      "User-Agent: me",
      "X-Twice: a",
      "X-Twice: b",
      `X-Word: ${Buffer.from("grün").toString("latin1")}`,
    ]);
  });

  it("asks another host when the manifest names one", async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    const verdict = await httpProbe(
      { ...target, podIP: "192.0.2.1" },
      { port, path: "/", host: "127.0.0.1" },
      limits,
    );
    expect(verdict).toEqual({ result: "success", output: `127.0.0.1:${port}` });
  });

  it("reads 10 KiB of an endless answer", async () => {
    const port = await serve((_, response) => {
      const more = () => {
        if (!response.destroyed) response.write("x".repeat(5000), () => setImmediate(more));
      };
      more();
    });
    expect(await get(port)).toEqual({ result: "success", output: "x".repeat(10240) });
  });

  it("waits for no answer longer than its time", async () => {
    const port = await serve(() => {});
    expect(await httpProbe(target, { port, path: "/" }, { timeoutMs: 200 })).toEqual({
      result: "failure",
      output: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
  });

  it("finds nothing out from a body that does not end", async () => {
    const port = await serve((_, response) => void response.writeHead(200).write("begun"));
    await expect(httpProbe(target, { port, path: "/" }, { timeoutMs: 4000 })).rejects.toThrow(
      "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
    );
  });

  it.each([
    ["hangs up", (socket: Socket) => socket.end(), "EOF"],
    ["breaks off", (socket: Socket) => socket.resetAndDestroy(), "read: connection reset by peer"],
    [
      "speaks no HTTP",
      (socket: Socket) => socket.end("hello\r\n\r\n"),
      "HTTP/1.x transport connection broken",
    ],
  ])("fails when the server %s", async (_, answer, words) => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => answer(socket));
    });
    const verdict = await get(await listening(server));
    expect(verdict.result).toBe("failure");
    expect(verdict.output).toMatch(/^Get "http:\/\/127\.0\.0\.1:\d+\/": /);
    expect(verdict.output).toContain(words);
  });

  it.each([
    ["one header without end", () => "x".repeat(60_000)],
    ["headers without end", () => `X-${Math.random()}: ${"x".repeat(500)}\r\n`.repeat(100)],
  ])("takes no %s", async (_, more) => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 200 OK\r\nX-Long: ");
      const write = () => {
        if (!socket.destroyed) socket.write(more(), () => setImmediate(write));
      };
      write();
    });
    const { result, output } = await get(await listening(server));
    expect([result, output]).toEqual(["failure", expect.stringContaining("transport connection broken")]);
  });

  it("waits for no header longer than its time, however slowly it comes", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 200 OK\r\nX-Slow: ");
      const timer = setInterval(() => socket.write("x"), 20);
      socket.once("close", () => clearInterval(timer));
    });
    const port = await listening(server);
    const { result, output } = await httpProbe(target, { port, path: "/" }, { timeoutMs: 300 });
    expect([result, output]).toEqual(["failure", expect.stringContaining("context deadline exceeded")]);
  });

  it("does not use the machine's proxy", async () => {
    const port = await serve((_, response) => response.end("direct"));
    process.env.http_proxy = "http://127.0.0.1:1";
    try {
      expect((await get(port)).output).toBe("direct");
    } finally {
      delete process.env.http_proxy;
    }
  });

  it("fails when a header cannot be sent", async () => {
    const port = await serve((_, response) => response.end());
    const verdict = await get(port, { httpHeaders: [{ name: "X-Bad", value: "a\nb" }] });
    expect(verdict.result).toBe("failure");
    expect(verdict.output).toContain("invalid header field value");
  });
});

describe("redirects", () => {
  it("are followed on the same host, with the manifest's Host while they are relative", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/end") return void response.end(`end for ${request.headers.host}`);
      response.writeHead(302, { Location: "/end" }).end();
    });
    const httpHeaders = [{ name: "Host", value: "web.example" }];
    expect(await get(port, { httpHeaders })).toEqual({ result: "success", output: "end for web.example" });
  });

  it("that name a place leave the manifest's Host behind", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/end") return void response.end(`end for ${request.headers.host}`);
      response.writeHead(302, { Location: `http://127.0.0.1:${port}/end` }).end();
    });
    const httpHeaders = [{ name: "Host", value: "web.example" }];
    expect((await get(port, { httpHeaders })).output).toBe(`end for 127.0.0.1:${port}`);
  });

  it("to another port of the same host are followed", async () => {
    const other = await serve((_, response) => response.writeHead(500).end());
    const port = await serve((_, response) => {
      response.writeHead(307, { Location: `http://127.0.0.1:${other}/x` }).end();
    });
    expect((await get(port)).output).toBe("HTTP probe failed with statuscode: 500");
  });

  it("to another host are not: success, with a warning", async () => {
    let asked = 0;
    const other = await serve((_, response) => {
      asked += 1;
      response.end();
    });
    const port = await serve((_, response) => {
      response.writeHead(301, { Location: `http://localhost:${other}/` }).end("moved");
    });
    expect(await get(port)).toEqual({
      result: "warning",
      output: "Probe terminated redirects, Response body: moved",
    });
    expect(asked).toBe(0);
  });

  it.each(["file:///etc/passwd", "http://[", "gopher://127.0.0.1/"])("to %s are not", async (location) => {
    const port = await serve((_, response) => response.writeHead(302, { Location: location }).end());
    expect((await get(port)).result).toBe("warning");
  });

  it("without a place are an answer like any other", async () => {
    const port = await serve((_, response) => response.writeHead(302).end());
    expect((await get(port)).result).toBe("warning");
  });

  it("are given up after ten", async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(302, { Location: `/${asked}` }).end();
    });
    expect(await get(port)).toEqual({ result: "failure", output: 'Get "/10": stopped after 10 redirects' });
    expect(asked).toBe(10);
  });
});

describe("tcpSocket", () => {
  it("succeeds when it is let in", async () => {
    const port = await listening(createTcpServer((socket) => socket.on("error", () => {})));
    expect(await tcpProbe("127.0.0.1", port, limits)).toEqual({ result: "success", output: "" });
  });

  it("fails for a name that nobody knows", async () => {
    const { result, output } = await tcpProbe("no-such-host.invalid", 80, limits);
    expect(result).toBe("failure");
    expect(output).toContain("no-such-host.invalid");
  });

  it("is given up when nobody waits for it", async () => {
    await expect(tcpProbe("127.0.0.1", 9, { signal: AbortSignal.abort() })).rejects.toThrow(
      "context canceled",
    );
  });
});
