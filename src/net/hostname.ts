import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodSpec } from "../manifest/index.ts";

export interface PodHostname {
  /** The short name, first label of the FQDN. */
  hostname: string;
  /** `subdomain.namespace.svc.cluster.local`, "" without `subdomain`. */
  domain: string;
  /** What the UTS namespace gets; "" when it is the host's. */
  kernel: string;
}

export const defaultClusterDomain = "cluster.local";

// sethostname(2) takes 64 bytes; the kubelet cuts the short name at 63, a DNS label's length.
const kernelLimit = 64;
const labelLimit = 63;

/**
 * The pod's names by the kubelet's rules: `hostnameOverride` (KEP-4762) before `hostname` before the pod's name,
 * which is cut to a label; `subdomain` gives a domain; `setHostnameAsFQDN` puts both into the kernel.
 */
export function podHostname(
  pod: {
    metadata: { name: string; namespace: string };
    spec: Pick<PodSpec, "hostname" | "hostnameOverride" | "subdomain" | "setHostnameAsFQDN" | "hostNetwork">;
  },
  clusterDomain = defaultClusterDomain,
): PodHostname {
  const { metadata, spec } = pod;
  if (spec.hostnameOverride) {
    return { hostname: spec.hostnameOverride, domain: "", kernel: spec.hostnameOverride };
  }
  const hostname = cutToLabel(spec.hostname || metadata.name);
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : "";
  // A pod in the host's network has its name too (CRI).
  if (spec.hostNetwork) return { hostname, domain, kernel: "" };
  if (!spec.setHostnameAsFQDN || domain === "") return { hostname, domain, kernel: hostname };
  const fqdn = `${hostname}.${domain}`;
  if (fqdn.length > kernelLimit) {
    throw new TspodError({
      code: "TS3110",
      message: `setHostnameAsFQDN: the name ${JSON.stringify(fqdn)} has ${fqdn.length} characters, the kernel takes ${kernelLimit}`,
      hint: "shorten spec.hostname or spec.subdomain, or leave setHostnameAsFQDN out",
      exitCode: ExitCode.invalid,
      path: "spec.setHostnameAsFQDN",
    });
  }
  return { hostname, domain, kernel: fqdn };
}

/** Pod names may have dots and 253 characters; a cut name does not end in a hyphen or a dot. */
function cutToLabel(name: string): string {
  return name.length <= labelLimit ? name : name.slice(0, labelLimit).replace(/[-.]+$/, "");
}
