import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { CreateFlags } from "./create.ts";
import { readSources } from "./sources.ts";

/** kubectl's flags for the credentials of a registry. */
export interface RegistryFlags extends CreateFlags {
  dockerServer: string;
  dockerUsername?: string;
  dockerPassword?: string;
  dockerEmail?: string;
}

const KEY = ".dockerconfigjson";

/** Docker's config.json: the file that was given, or one of these credentials. @throws TspodError TS3435 */
export function registryConfig(flags: RegistryFlags): Buffer {
  const { dockerServer, dockerUsername: username, dockerPassword: password, dockerEmail: email } = flags;
  const { fromFile = [] } = flags;
  if (fromFile.length > 0) {
    const content = readSources({ fromFile: fromFile.map(keyed) }, {});
    const config = content.get(KEY);
    if (config === undefined || content.size > 1)
      throw bad(`a secret for a registry has the one key ${KEY}: --from-file=${KEY}=FILE`);
    return config;
  }
  if (!username || !password)
    throw bad("either --from-file or the combination of --docker-username and --docker-password is required");
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const login = { username, password, ...(email ? { email } : {}), auth };
  return Buffer.from(JSON.stringify({ auths: { [dockerServer]: login } }));
}

/** A file with no key of its own is the configuration, whatever its name. */
function keyed(source: string): string {
  return source.includes("=") ? source : `${KEY}=${source}`;
}

function bad(message: string): TspodError {
  return new TspodError({
    code: "TS3435",
    message,
    hint: "nothing was created",
    exitCode: ExitCode.invalid,
  });
}
