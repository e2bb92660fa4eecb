import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Root tests of what lies in folders of their own: nothing of the machine's is theirs alone. */
const SELF_CONTAINED = ["image", "rootfs", "security"].map((part) => `test/root/${part}/**/*.test.ts`);

/** Only what hangs meets them: a machine may be ten times slower than ours, and busy. */
const patient = { testTimeout: 400_000, hookTimeout: 400_000 };
/** More at a time than there are cores: a test waits for most of its time. */
const sideBySide = { ...patient, maxWorkers: availableParallelism() + 2, sequence: { groupOrder: 3 } };

/** Those that take longest: what is begun last is to end soon, or one processor works while the other waits. */
const LONGEST = [
  ...["run", "apply", "rm"].map((command) => `test/e2e/killed-${command}.test.ts`),
  "test/e2e/fifty.test.ts",
  "test/e2e/real-servers.test.ts",
  "test/e2e/user-namespace-killed.test.ts",
  "test/root/image/registry.test.ts",
  "test/root/rootfs/packages.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/**
 * `unit` needs no root and touches no kernel; all others run as root on the real one. Files of a project run side by
 * side, each with a tspod root of its own, as tspods of one machine do; those of `root` alone, for sysctls and host
 * ports belong to the whole machine.
 * A test of the kernel that passes at a second try has found a race: there are no retries anywhere.
 */
export default defineConfig({
  test: {
    retry: 0,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/gen/**"],
      reportsDirectory: "build/coverage",
      reporter: ["text-summary", "html", "json"],
    },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 100_000,
          // Pure functions keep nothing from one file to the next, and loading them takes longer than testing them.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      // By itself: to the leak check of other tests, a helper in no root's cgroup has escaped.
      {
        test: {
          name: "native",
          include: ["test/native/**/*.test.ts"],
          ...sideBySide,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "root",
          include: ["test/root/**/*.test.ts"],
          exclude: SELF_CONTAINED,
          ...patient,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      { test: { name: "image", include: SELF_CONTAINED, ...sideBySide } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...sideBySide } },
      // Its files use the command alone, and keep nothing from one to the next.
      {
        test: {
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
          ...sideBySide,
          isolate: false,
        },
      },
    ],
  },
});
