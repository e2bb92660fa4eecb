// biome-ignore lint/suspicious/noExplicitAny: what tests look into
export type ApiObject = any;

/** The status of one container of a pod, of whatever kind. */
export function statusOf({ status }: ApiObject, container: string): ApiObject {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return all.find(({ name }: ApiObject) => name === container);
}
