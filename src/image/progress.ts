/** What happens to an image, as data; the CLI draws it and the pod layer makes events of it. */
export type ImageProgress =
  | { kind: "present"; ref: string; message: string }
  | { kind: "pulling"; ref: string; message: string }
  | { kind: "layer"; digest: string; phase: LayerPhase; done: number; total: number }
  | { kind: "waiting"; ref: string; message: string }
  | { kind: "pulled"; ref: string; digest: string; milliseconds: number; message: string }
  | { kind: "warning"; ref: string; message: string };

export type LayerPhase =
  | "waiting"
  | "downloading"
  | "downloaded"
  | "verifying"
  | "unpacking"
  | "done"
  | "present";

export type OnProgress = (progress: ImageProgress) => void;
