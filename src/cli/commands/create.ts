import { type Command, Option } from "commander";
import { collect } from "../arguments.ts";
import type { CreateFlags } from "../objects/create.ts";
import type { RegistryFlags } from "../objects/registry-config.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  const actions = () => import("../objects/create.ts");
  sources(
    command
      .command("configmap <name>")
      .alias("cm")
      .description("keep files or values that pods can mount or have as variables"),
  ).action(
    act(async (context, name: string, flags: CreateFlags) =>
      (await actions()).createObject(context, "ConfigMap", name, flags),
    ),
  );
  const secret = command.command("secret").description("the same for what only root may read");
  sources(
    secret
      .command("generic <name>")
      .description("a secret of files or values")
      .option("--type <type>", "the secret's type (default: Opaque)"),
  ).action(
    act(async (context, name: string, flags: CreateFlags) =>
      (await actions()).createObject(context, "Secret", name, flags),
    ),
  );
  output(
    secret
      .command("docker-registry <name>")
      .description("credentials for a registry, for imagePullSecrets")
      .option("--docker-server <host>", "the registry", "https://index.docker.io/v1/")
      .option("--docker-username <name>", "the user's name")
      .option("--docker-password <password>", "the password; one given here stands in the shell's history")
      .option("--docker-email <address>", "an address, which no registry asks for any more")
      .option("--from-file <[.dockerconfigjson=]file>", "Docker's config.json instead", collect),
  ).action(
    act(async (context, name: string, flags: RegistryFlags) =>
      (await actions()).createRegistrySecret(context, name, flags),
    ),
  );
  examples(
    command,
    ["sudo tspod create configmap web --from-file=nginx.conf", "the key is the file's name"],
    ["sudo tspod create configmap web --from-file=conf.d/", "a key for each file of the folder"],
    ["sudo tspod create secret generic db --from-literal=password=s3cret", "one value"],
    [
      "sudo tspod create secret docker-registry hub --from-file=$HOME/.docker/config.json",
      "for imagePullSecrets",
    ],
    ["sudo tspod create configmap web --from-env-file=app.env --dry-run -o yaml", "only print it"],
  );
};

function sources(command: Command): Command {
  return output(
    command
      .option("--from-file <[key=]source>", "a file, or all files of a folder", collect)
      .option("--from-literal <key=value>", "a value", collect)
      .option("--from-env-file <file>", "KEY=VALUE lines", collect),
  );
}

function output(command: Command): Command {
  return command
    .option("--dry-run [client]", "store nothing")
    .addOption(
      new Option("-o, --output <format>", "with --dry-run: print the object").choices([
        "json",
        "yaml",
        "name",
      ]),
    );
}
