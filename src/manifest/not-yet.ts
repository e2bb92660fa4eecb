/**
 * Fields that tspod is going to honour and does not yet. Each is named when a manifest uses it: as a warning where
 * the pod runs without it, less completely; as an error where running without it would be wrong. A version that
 * learns a field deletes its line here, and nothing else.
 */
export interface NotYet {
  severity: "warning" | "error";
  /** What happens in this version, after "not supported yet: ". */
  meanwhile: string;
  /** Whether this value asks for it; without it, every value does. */
  asks?: (value: unknown, path: string) => boolean;
}

const incomplete = (meanwhile: string, asks?: NotYet["asks"]): NotYet => ({
  severity: "warning",
  meanwhile,
  ...(asks === undefined ? {} : { asks }),
});
const wrong = (meanwhile: string, asks?: NotYet["asks"]): NotYet => ({
  ...incomplete(meanwhile, asks),
  severity: "error",
});

/** By `Type.field` of the API. */
export const NOT_YET: Readonly<Record<string, NotYet>> = {
  "Service.spec": incomplete(
    "the service is kept; its name does not resolve and its ports lead nowhere (reach the pods at their own addresses)",
  ),
  "PodSpec.readinessGates": incomplete("the pod does not wait for the condition"),
  "Container.volumeDevices": wrong("block devices cannot be passed"),
  "Volume.nfs": wrong("this kind of volume cannot be mounted"),
};
