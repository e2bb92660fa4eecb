import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports.ts";

export interface RegistryOptions {
  tls?: boolean;
  /** user:password, for basic authentication. */
  basic?: string;
  /** YAML lines of the `auth` section. */
  auth?: string[];
  port?: number;
}

export interface Registry {
  host: string;
  port: number;
  caFile: string;
  /** The access log: one line a request. */
  log(): string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** The distribution's docker-registry on a loopback port, its files in `folder`. */
export async function startRegistry(folder: string, options: RegistryOptions = {}): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const port = options.port ?? (await freePort());
  const caFile = join(folder, "ca.crt");
  if (options.tls) makeCertificate(folder);
  const config = [
    "version: 0.1",
    "log: {level: info, accesslog: {disabled: false}}",
    `storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}`,
    `http: {addr: "127.0.0.1:${port}"${options.tls ? `, tls: {certificate: ${folder}/server.crt, key: ${folder}/server.key}` : ""}}`,
    ...(options.basic !== undefined ? [`auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`] : []),
    ...(options.auth ?? []),
  ];
  if (options.basic !== undefined) writeFileSync(join(folder, "htpasswd"), htpasswd(options.basic));
  writeFileSync(join(folder, "config.yml"), config.join("\n"));
  const logFile = join(folder, "log");
  let child: ChildProcess;
  const start = async () => {
    // No pipe: a benchmark blocks this process, and a registry whose pipe is full answers nobody.
    const log = openSync(logFile, "a");
    child = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH },
    });
    closeSync(log);
    await untilListening(port, child);
  };
  await start();
  return {
    host: `127.0.0.1:${port}`,
    port,
    caFile,
    log: () => readFileSync(logFile, "utf8"),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    restart: start,
  };
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const { connect } = await import("node:net");
  for (let i = 0; i < 2000; i++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const [event] = await Promise.race([
      once(socket, "connect").then(() => ["connect"]),
      once(socket, "error").then(() => ["error"]),
    ]).catch(() => ["error"]);
    socket.destroy();
    if (event === "connect") return;
    await sleep(50);
  }
  throw new Error("docker-registry does not listen");
}

function makeCertificate(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=test authority",
  );
  writeFileSync(join(folder, "san"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  openssl(
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
    "-subj",
    "/CN=localhost",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    "san",
    "-out",
    "server.crt",
  );
}

/** bcrypt, which the registry insists on, by the C library's crypt(3). */
function htpasswd(userAndPassword: string): string {
  const colon = userAndPassword.indexOf(":");
  const user = userAndPassword.slice(0, colon);
  const password = userAndPassword.slice(colon + 1);
  const hash = execFileSync(
    "perl",
    ["-e", "print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))", password],
    { encoding: "utf8" },
  );
  return `${user}:${hash}\n`;
}
