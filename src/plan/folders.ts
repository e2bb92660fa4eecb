/** The folders of one pod; all names follow from its uid, so removal needs no memory of the run. */
export interface PodFolders {
  uid: string;
  /** `/run/tspod/pods/<uid>` */
  run: string;
  /** Generated files every container sees: hosts, hostname, resolv.conf. */
  etc: string;
  shm: string;
  /** Mount point of the holder's empty root. */
  infraRoot: string;
  containers: string;
  /** `/var/lib/tspod/pods/<uid>`: writable layers and volumes. */
  lib: string;
  volumes: string;
  /** Folder of what outlives pods, `<namespace>/<claim>` below it. */
  claims: string;
  /** The stored claims, `<namespace>/<claim>.json` below it. */
  claimRecords: string;
  logs: string;
}

/** The folders of one attempt of one container. */
export interface AttemptFolders {
  run: string;
  rootfs: string;
  /** `upper` and `work` of the overlay. */
  layer: string;
  logDirectory: string;
  logName: string;
  /** The file behind terminationMessagePath. */
  terminationLog: string;
}
