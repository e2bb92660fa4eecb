import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Packages and all they depend on, chosen, downloaded and verified by apt itself. It is told that the system holds
 * nothing but `present` and `assumed`, so this machine's own packages play no part; nothing is installed, no root is
 * needed, and nothing outside `work` is written.
 *
 * @param {string[]} names of packages
 * @param {{ present: string[], assumed: string[], work: string, tell: (line: string) => void }} options
 *   `present`: control paragraphs of what lower layers hold; `assumed`: names that are not to be brought in, whatever
 *   depends on them
 * @returns {{ name: string, version: string, file: string }[]} sorted by name
 */
export function fetchPackages(names, { present, assumed, work, tell }) {
  const packages = join(work, "packages");
  mkdirSync(packages, { recursive: true });
  const scratch = mkdtempSync(join(work, "apt-"));
  try {
    writeFileSync(join(scratch, "status"), statusFile(present, assumed));
    const attempt = (lists) => {
      const apt = (...args) => run([...optionsOf(scratch, work, lists), ...args], scratch);
      const chosen = parseSimulation(apt("--simulate", "install", ...names), packages);
      const missing = chosen.filter(({ file }) => !existsSync(file));
      if (missing.length > 0) apt("download", ...missing.map(({ name, version }) => `${name}=${version}`));
      // Whole and verified by now, and another build may be doing the same.
      for (const { file } of missing) renameSync(join(scratch, basename(file)), file);
      return chosen;
    };
    return withFreshLists(attempt, work, tell);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A machine's package lists may be missing (a new container) or old (the packages they name are gone). */
function withFreshLists(attempt, work, tell) {
  const lists = join(work, "lists");
  // This machine's own, those that an earlier build fetched, those of today.
  for (const known of existsSync(lists) ? [undefined, lists] : [undefined]) {
    try {
      return attempt(known);
    } catch (error) {
      if (!LISTS_AT_FAULT.test(error.message)) throw error;
    }
  }
  tell(`this machine's package lists are missing or old: fetching current ones below ${work}`);
  mkdirSync(join(lists, "partial"), { recursive: true });
  run([...commonOptions, "-o", `Dir::State::lists=${lists}`, "update"], work);
  return attempt(lists);
}

const LISTS_AT_FAULT = /Unable to locate|no installation candidate|404 +Not Found|unmet dependencies/;

const commonOptions = [
  ["-y", "-q"],
  ["-o", "Debug::NoLocking=true"],
  // Its own user could not write into a checkout in somebody's home; what comes is verified either way.
  ["-o", "APT::Sandbox::User=root"],
  ["-o", "APT::Install-Recommends=false", "-o", "Acquire::Languages=none"],
  // A pin is about what to install on this machine.
  ["-o", "Dir::Etc::preferences=/dev/null", "-o", "Dir::Etc::preferencesparts=/dev/null"],
].flat();

function optionsOf(scratch, work, lists) {
  const own = [
    `Dir::State::status=${join(scratch, "status")}`,
    `Dir::State::extended_states=${join(scratch, "extended")}`,
    `Dir::Cache=${scratch}`,
    // What the lists say, without the status: the slow half of what apt works out, kept from call to call.
    `Dir::Cache::srcpkgcache=${join(work, "srcpkgcache.bin")}`,
    "Dir::Cache::pkgcache=",
    ...(lists === undefined ? [] : [`Dir::State::lists=${lists}`]),
  ];
  return [...commonOptions, ...own.flatMap((option) => ["-o", option])];
}

/** What dpkg would have written, had all this been installed. */
function statusFile(present, assumed) {
  const architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
  const fields = ["Status: install ok installed", "Version: 9999", `Architecture: ${architecture}`];
  // `Multi-Arch: allowed` lets it satisfy a dependency on NAME:any.
  const stubs = assumed.map((name) => [`Package: ${name}`, ...fields, "Multi-Arch: allowed"].join("\n"));
  const held = present.map((control) =>
    control.trimEnd().replace(/^Package: .*$/m, "$&\nStatus: install ok installed"),
  );
  return [...held, ...stubs, ""].join("\n\n");
}

/** `Inst nginx (1.22.1-9 Debian:12.4/stable [amd64])` */
function parseSimulation(output, packages) {
  const chosen = [...output.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) .*\[(\S+?)\]\)/gm)];
  return chosen
    .map(([, name, version, architecture]) => ({
      name,
      version,
      file: join(packages, `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function run(args, cwd) {
  const env = { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  try {
    return execFileSync("apt-get", args, { cwd, encoding: "utf8", env, stdio: "pipe", maxBuffer: 1 << 26 });
  } catch (error) {
    if (error.code === "ENOENT")
      throw new Error("images are made from Debian packages by apt-get and dpkg-deb; this system has none");
    throw new Error(`apt-get: ${error.stderr || error.message}\n${error.stdout ?? ""}`, { cause: error });
  }
}
