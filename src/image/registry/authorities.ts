import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SecureContext } from "node:tls";
import { codeOf } from "../../errors/errno.ts";
import { namesIn } from "../../kernel/names-in.ts";
import { imageError } from "../errors.ts";

/** Where Docker and podman look for a registry's own certificate authorities. */
const CERTS_FOLDERS = ["/etc/docker/certs.d", "/etc/containers/certs.d"];
/** The machine's own authorities on Debian, Fedora, older Red Hat, openSUSE and Alpine. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
/** Reading the system's authorities takes some 25 ms, and every request has a connection of its own. */
const contexts = new Map<string, SecureContext>();

/**
 * What decides whom a registry's certificate is believed from: this machine's authorities (`SSL_CERT_FILE`, the
 * system's file, or else those that Node brings), `NODE_EXTRA_CA_CERTS`, and the host's own. Throws TS6020 for a file
 * that is named and cannot be read.
 */
export async function secureContextFor(host: string, caFile: string | undefined): Promise<SecureContext> {
  const key = JSON.stringify([host, caFile]);
  const made = contexts.get(key);
  if (made !== undefined) return made;
  const tls = await import("node:tls");
  const machine = machineAuthorities() ?? tls.rootCertificates;
  const context = tls.createSecureContext({
    ca: [...machine, ...extraAuthorities(), ...hostAuthorities(host, caFile)],
  });
  contexts.set(key, context);
  return context;
}

/** Undefined where the machine has no file of them. */
function machineAuthorities(): string[] | undefined {
  const named = process.env.SSL_CERT_FILE;
  if (named) return [readNamed(named, "SSL_CERT_FILE")];
  const text = SYSTEM_FILES.map(readIfThere).find((each) => each !== undefined);
  return text === undefined ? undefined : [text];
}

/** bin/tspod hands the variable on under another name: Node would read it before anything else, in every command. */
function extraAuthorities(): string[] {
  const { TSPOD_EXTRA_CA_CERTS, NODE_EXTRA_CA_CERTS } = process.env;
  const file = TSPOD_EXTRA_CA_CERTS || NODE_EXTRA_CA_CERTS;
  return file ? [readNamed(file, "NODE_EXTRA_CA_CERTS")] : [];
}

function hostAuthorities(host: string, caFile: string | undefined): string[] {
  const own = caFile === undefined ? [] : [readNamed(caFile, `caFile of ${host}`)];
  const files = CERTS_FOLDERS.flatMap((folder) =>
    namesIn(join(folder, host))
      .filter((name) => name.endsWith(".crt"))
      .map((name) => join(folder, host, name)),
  );
  return [...own, ...files.map((file) => readNamed(file, `certificate of ${host}`))];
}

function readNamed(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = codeOf(cause);
    throw imageError("badSource", `${what}: ${file} cannot be read: ${code}`, { cause, path: file });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
