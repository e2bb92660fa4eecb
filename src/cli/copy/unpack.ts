import type { ReadEntry } from "tar";
import { Parser } from "tar";
import { TspodError } from "../../errors/tspod-error.ts";
import { type Landing, writeAll } from "./landing.ts";

export interface Unpacking {
  /** The member that was asked for; every name in the archive is it, or below it. */
  member: string;
  /** Asked once, with the first entry: nothing is made here before the container has shown that it has something. */
  land(type: "file" | "folder"): Place;
  warn(message: string): void;
}

/** Where the member comes down: components beneath the landing. */
interface Place {
  landing: Landing;
  target: readonly string[];
}

type Placed = Omit<Unpacking, "land"> & Place;

/**
 * Takes an archive that a container has made apart: folders and files, with their permission bits. What the container
 * says is not believed: names must be below the member asked for; links, devices and pipes are left out, as kubectl does.
 * @throws TspodError TS3443 for an archive that was tampered with, through `failed`.
 */
export function unpacker(unpacking: Unpacking, failed: (error: unknown) => void): Parser {
  let place: Place | undefined;
  return new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        place ??= unpacking.land(entry.type === "Directory" ? "folder" : "file");
        take({ ...unpacking, ...place }, entry, failed);
      } catch (error) {
        entry.resume();
        failed(error);
      }
    },
  });
}

function take(unpacking: Placed, entry: ReadEntry, failed: (error: unknown) => void): void {
  const { landing, warn } = unpacking;
  const path = componentsOf(unpacking, entry.path);
  const mode = entry.mode ?? 0o644;
  switch (entry.type) {
    case "Directory":
      landing.folder(path, mode);
      break;
    case "File":
    case "OldFile":
    case "ContiguousFile":
      if (path.length === 0) throw tampered(entry.path);
      content(landing, landing.file(path), { entry, mode, failed });
      return;
    case "Link":
      landing.copy(componentsOf(unpacking, entry.linkpath ?? ""), path);
      break;
    case "SymbolicLink":
      warn(`skipping symlink: ${JSON.stringify(entry.path)} -> ${JSON.stringify(entry.linkpath)}`);
      break;
    default:
      warn(`skipping ${JSON.stringify(entry.path)}: it is no file, folder or symbolic link`);
  }
  entry.resume();
}

function content(
  landing: Landing,
  fd: number,
  { entry, mode, failed }: { entry: ReadEntry; mode: number; failed: (error: unknown) => void },
): void {
  let broken = false;
  entry.on("data", (part: Buffer) => {
    if (broken) return;
    try {
      writeAll(fd, part);
    } catch (error) {
      broken = true;
      failed(error);
    }
  });
  entry.on("end", () => landing.close(fd, mode));
}

/** The components at which a name of the archive comes down. */
function componentsOf({ member, target }: Placed, name: string): string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  const own = member === "." ? [] : [member];
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0")) throw tampered(name);
  if (own.some((part, index) => parts[index] !== part)) throw tampered(name);
  return [...target, ...parts.slice(own.length)];
}

function tampered(name: string): TspodError {
  return new TspodError({
    code: "TS3443",
    message: `tar contents corrupted: the container sent ${JSON.stringify(name)}`,
    hint: "the program that packs runs inside the container, which may have meddled with it",
  });
}
