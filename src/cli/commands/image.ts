import { Option } from "commander";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

/** The verbs of `tspod image`; what each does is loaded when it is used. */
export const define: Define = (command, act) => {
  const actions = () => import("./image-actions.ts");
  const output = () => new Option("-o, --output <format>", "output format").choices(["json", "yaml"]);
  command
    .command("ls")
    .alias("list")
    .description("list images")
    .option("--digests", "with the manifests' digests")
    .option("-q, --quiet", "only ids")
    .addOption(output())
    .action(act(async (context, flags) => (await actions()).list(context, flags)));
  command
    .command("pull <images...>")
    .description("pull images from their registries")
    .option("-q, --quiet", "only the digest at the end")
    .action(act(async (context, names, flags) => (await actions()).pull(context, names, flags)));
  command
    .command("load [sources...]")
    .description(
      "load images: oci:DIR[:REF], oci-archive:FILE[:REF], docker-archive:FILE[:REF]; a FILE alone, or - for standard input, is looked at",
    )
    .option("--name <name>", "the name it gets")
    .action(act(async (context, sources, flags) => (await actions()).load(context, sources, flags)));
  command
    .command("save <images...>")
    .description("save images for other tools")
    .requiredOption("--to <target>", "oci:DIR[:REF], oci-archive:FILE[:REF] or docker-archive:FILE")
    .action(act(async (context, names, flags) => (await actions()).save(context, names, flags)));
  command
    .command("import <tarball> <name>")
    .description("make an image of a tarball of a root filesystem (- is standard input)")
    .action(act(async (context, file, name) => (await actions()).importTarball(context, file, name)));
  command
    .command("tag <image> <name>")
    .description("give an image another name")
    .action(act(async (context, image, name) => (await actions()).tag(context, image, name)));
  command
    .command("inspect <images...>")
    .description("show all about images")
    .addOption(output().default("json"))
    .action(act(async (context, names, flags) => (await actions()).inspect(context, names, flags)));
  command
    .command("history <image>")
    .description("show how an image was made, newest step first")
    .action(act(async (context, name) => (await actions()).history(context, name)));
  command
    .command("df")
    .description("show how much room images take")
    .action(act(async (context) => (await actions()).usage(context)));
  command
    .command("rm <images...>")
    .description("remove images; one that a pod uses stays")
    .option("--ignore-not-found", "an image that is not there is no error")
    .action(act(async (context, names, flags) => (await actions()).remove(context, names, flags)));
  command
    .command("prune")
    .description("remove what no image needs")
    .option("-a, --all", "images that no pod uses, too")
    .option("--dry-run", "only say what would be removed")
    .action(act(async (context, flags) => (await actions()).prune(context, flags)));
  command
    .command("verify")
    .description("compare everything in the store with its digests")
    .option("--repair", "mend what can be")
    .action(act(async (context, flags) => (await actions()).verify(context, flags)));
  examples(
    command,
    ["sudo tspod image ls", "what there is, and which pods use it"],
    ["sudo tspod image pull nginx:1.27", "from Docker Hub, or a mirror of it"],
    ["sudo tspod image load oci:./layout:v1 --name app:v1", "from a folder that skopeo or umoci wrote"],
    ["sudo tspod image save app:v1 --to docker-archive:app.tar", "for docker load"],
    ["sudo tspod image import root.tar.gz app:v1", "a tarball of a root filesystem"],
    ["sudo tspod image tag app:v1 app:stable", "another name for it"],
    ["sudo tspod image inspect busybox", "digests, layers, configuration"],
    ["sudo tspod image history busybox", "how it was made"],
    ["sudo tspod image df", "how much room images take"],
    ["sudo tspod image rm app:v1", "its name, and what no other image and no pod needs"],
    ["sudo tspod image prune --all", "remove what no pod uses"],
    ["sudo tspod image verify --repair", "find and mend what a bad disk broke"],
  );
};
