/** What a container takes from its image (OCI image-spec, config.md). */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  StopSignal?: string;
}

/** The image as the plan needs it: pure data, already on disk. */
export interface PlannedImage {
  ref: string;
  id: string;
  /** Host paths of unpacked layers, top first. */
  layers: string[];
  config: ImageConfig;
  /** Content of the image's own /etc/passwd and /etc/group. */
  passwd: string;
  group: string;
}
