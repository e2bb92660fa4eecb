import { type SpawnOptions, spawn } from "node:child_process";

/** What one start and one stop took, in nanoseconds, with the parts that the subject itself reports. */
export interface Sample {
  up: number;
  down: number;
  /** Phases of the start and of the stop, as the subject names them. */
  upPhases: Record<string, number>;
  downPhases: Record<string, number>;
}

/** Something that starts and stops a pod of `containers` containers: tspod, a peer, or the bare kernel. */
export interface Subject {
  name: string;
  containers: number;
  /** What the figures include, for the table. */
  what: string;
  /** One pod up and down. */
  sample(): Promise<Sample>;
  /** Removes everything it made. */
  dispose(): Promise<void>;
}

/** A subject that cannot be measured on this machine, and why. */
export interface Absent {
  name: string;
  because: string;
}

/** Runs a command to its end; the time from its start to its end in nanoseconds. Not zero: an error with its output. */
export async function timed(command: string, args: string[], options: SpawnOptions = {}) {
  const begin = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    // "exit", not "close": a detached pod may hold on to the streams of the command that started it.
    child.once("exit", (exitCode, signal) => resolve(exitCode ?? signal ?? "?"));
  });
  const ns = Number(process.hrtime.bigint() - begin);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${errors || output}`);
  return { ns, output };
}

/** A pod whose containers sleep, as YAML (JSON). */
export function sleepers(name: string, containers: number, image: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: Array.from({ length: containers }, (_, number) => ({
        name: `c${number + 1}`,
        image,
        imagePullPolicy: "Never",
        command: ["/bin/sleep", "600"],
        resources: { limits: { cpu: "500m", memory: "64Mi" } },
      })),
    },
  });
}
