import type { Container, Pod } from "../manifest/index.ts";
import {
  appArmorOps,
  availableCapabilities,
  processSecurityOps,
  procPaths,
  resolveUser,
  rlimitOps,
  verifyRunAsNonRoot,
} from "../security/index.ts";
import type { ProcessSecurity } from "./container.ts";
import type { HostOp } from "./host-op.ts";
import type { PlannedImage } from "./image-config.ts";
import type { MachineFacts } from "./machine-facts.ts";

export interface SecurityPlan {
  process: ProcessSecurity;
  /** What must be done on the host first. */
  host: HostOp[];
  home: string;
  warnings: string[];
}

/** Who the container's process is and what it may do, from manifest, image and machine. */
export function planSecurity(input: {
  pod: Pod;
  container: Container;
  image: PlannedImage;
  facts: MachineFacts;
  seccomp: { filter: string; flags: number };
}): SecurityPlan {
  const { pod: object, container, image, facts } = input;
  const own = container.securityContext ?? {};
  const pod = object.spec?.securityContext ?? {};
  const user = resolveUser({
    runAsUser: own.runAsUser ?? pod.runAsUser,
    runAsGroup: own.runAsGroup ?? pod.runAsGroup,
    supplementalGroups: pod.supplementalGroups,
    supplementalGroupsPolicy: pod.supplementalGroupsPolicy,
    fsGroup: pod.fsGroup,
    imageUser: image.config.User ?? "",
    passwd: image.passwd,
    group: image.group,
  });
  verifyRunAsNonRoot(object, container, image.config.User ?? "");
  const { ops, warnings } = processSecurityOps({
    container,
    user,
    available: availableCapabilities(object.spec ?? {}, facts.capabilities),
    seccompFilter: input.seccomp.filter,
    seccompFlags: input.seccomp.flags,
  });
  // Behind the gate stands only a filter that comes last of all: it need not allow what waiting takes.
  const behind = ops.at(-1)?.op === "seccomp" ? 1 : 0;
  const limits = rlimitOps(facts.rlimits, facts.cgroupHost.sysResource);
  const appArmor = appArmorOps(object.spec ?? { containers: [] }, container, facts.appArmor);
  const paths = procPaths(container, facts.throttleFolders);
  return {
    process: {
      user: { uid: user.uid, gid: user.gid, groups: user.groups },
      early: [...appArmor.process, ...ops.slice(0, ops.length - behind)],
      late: ops.slice(ops.length - behind),
      rlimits: limits.ops,
      maskedPaths: paths.masked,
      readonlyPaths: paths.readonly,
    },
    host: appArmor.host,
    home: user.home,
    warnings: [...warnings, ...limits.warnings],
  };
}
