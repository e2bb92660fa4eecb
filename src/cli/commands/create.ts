import { type Command, Option } from "commander";
import { ExitCode } from "../../errors/tspod-error.ts";
import { collect, count } from "../arguments.ts";
import type { CreateFlags } from "../objects/create.ts";
import type { RegistryFlags } from "../objects/registry-config.ts";
import { examples } from "../pods.ts";
import type { Act, Define } from "../registry.ts";
import type { CronJobFlags, DeploymentFlags, JobFlags } from "../workloads/create.ts";

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
  workloads(command, act);
  command
    .allowExcessArguments()
    .option("-f, --filename <file...>", "everything in these manifest files; nothing of it may be there yet")
    .action(
      act(async (context, flags: { filename?: string[] }, { args: [word] }: Command) => {
        if (word !== undefined) throw (await import("../objects/several.ts")).cannotBeMade(word);
        if (flags.filename)
          return (await import("../workloads/create-files.ts")).createFiles(context, flags.filename);
        command.outputHelp({ error: true });
        return ExitCode.invalid;
      }),
    );
  examples(
    command,
    ["sudo tspod create deployment web --image=nginx --replicas=2", "pods that are kept running"],
    ["sudo tspod create job once --image=busybox -- date", "a pod that runs to its end"],
    [
      "sudo tspod create cronjob daily --image=busybox --schedule='0 3 * * *' -- date",
      "one each night at three",
    ],
    ["sudo tspod create job now --from=cronjob/daily", "that one, now"],
    ["sudo tspod create -f app.yaml", "everything in the file"],
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

function workloads(command: Command, act: Act): void {
  const actions = () => import("../workloads/create.ts");
  output(
    command
      .command("deployment <name> [command...]")
      .alias("deploy")
      .description("pods that are kept running and replaced step by step when they change")
      .requiredOption("--image <image>", "of the container; several make several containers", collect)
      .option("-r, --replicas <count>", "how many pods", count)
      .option("--port <number>", "the port that the container listens on", count),
  ).action(
    act(async (context, name: string, words: string[], flags: DeploymentFlags) =>
      (await actions()).createDeployment(context, name, words, flags),
    ),
  );
  output(
    command
      .command("job <name> [command...]")
      .description("pods that run to their end")
      .option("--image <image>", "of the container")
      .option("--from <cronjob>", "as cronjob/NAME would make it, now"),
  ).action(
    act(async (context, name: string, words: string[], flags: JobFlags) =>
      (await actions()).createJob(context, name, words, flags),
    ),
  );
  output(
    command
      .command("cronjob <name> [command...]")
      .alias("cj")
      .description("jobs by a calendar")
      .requiredOption("--image <image>", "of the container")
      .requiredOption("--schedule <schedule>", "minute hour day month weekday: '*/5 * * * *'")
      .option("--restart <policy>", "OnFailure or Never", "OnFailure"),
  ).action(
    act(async (context, name: string, words: string[], flags: CronJobFlags) =>
      (await actions()).createCronJob(context, name, words, flags),
    ),
  );
}

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
      new Option("-o, --output <format>", "print the object in place of what was done").choices([
        "json",
        "yaml",
        "name",
      ]),
    );
}
