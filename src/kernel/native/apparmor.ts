/** Hands a profile to apparmor_parser(8), which compiles it for this kernel and loads it. Throws what the parser said. */
export function loadProfile(text: string): void {
  // By name here, since nearly no command ever gets to this line.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { error, status, stderr } = spawnSync("apparmor_parser", ["--replace", "--skip-cache"], {
    input: text,
    encoding: "utf8",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`apparmor_parser: ${stderr.trim() || `exit code ${status}`}`);
}
