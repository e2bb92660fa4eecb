import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { base256, tar, tarEntry } from "../../support/image/tar.ts";
import { readTree } from "../../support/image/tree.ts";
import { unpack, workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
beforeEach(() => {
  work = workFolder();
});
afterEach(() => work.remove());

const shell = (script: string, cwd: string) =>
  execFileSync("bash", ["-euc", script], { cwd, stdio: ["ignore", "pipe", "inherit"] });

/** Every kind of entry that a file system has, made on the real one. */
function makeTree(root: string): void {
  mkdirSync(root);
  shell(
    `
    umask 022
    mkdir -p plain/deep/er sticky setgid empty "with space" one
    chmod 1777 sticky; chmod 2770 setgid; chown 3:4 setgid
    echo hello > plain/file; : > plain/empty-file
    head -c 3000000 /dev/urandom > plain/big
    ln plain/file plain/deep/hard; ln plain/file one/hard-too
    ln -s ../plain/file one/rel; ln -s /etc/passwd one/abs; ln -s nowhere one/dangling
    ln one/rel one/hard-to-symlink
    mknod one/null c 1 3; mknod one/disk b 254 3; mknod one/big-minor c 511 1048575; mkfifo one/fifo
    chmod 0600 one/fifo; chown 5:6 one/fifo one/null; chown -h 7:8 one/dangling
    cp /bin/true suid; chown 0:50 suid; chmod 6755 suid
    echo odd > $'not-utf8-\\xff\\xfe'; echo nl > $'new\\nline'
    long=$(printf 'x%.0s' {1..200}); mkdir -p $long/$long; echo long > $long/$long/$long
    ln -s $long/$long/$long long-link
    truncate -s 5M sparse; printf end | dd of=sparse bs=1 seek=5242877 conv=notrunc status=none
    printf mid | dd of=sparse bs=1 seek=1000003 conv=notrunc status=none
    truncate -s 3M all-hole
    setfattr -n user.comment -v hello plain/file
    setfattr -n user.binary -v 0x00ff00 plain/deep
    setfattr -n trusted.mark -v yes empty
    setcap cap_net_raw+ep suid
    setfattr -n trusted.on-link -v yes -h one/dangling
    chown 70000:80000 plain/empty-file; chown 2097153:3000000 plain/deep/er
    touch -h -d '2001-02-03 04:05:06.123456789 UTC' one/abs plain/file suid
    touch -d '1960-01-01 00:00:00.5 UTC' empty/.keep; touch -d '2200-01-01 UTC' plain/empty-file
    find . -depth -type d -exec touch -d '2010-10-10 10:10:10.987654321 UTC' {} +
    `,
    root,
  );
}

/** GNU tar finds times before 1970 and after today implausible, and says so. */
const QUIET = { stdio: "ignore" as const };
const GNU_TAR = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-owner", "--same-permissions"];

describe("a layer unpacks to what GNU tar unpacks it to, entry by entry", () => {
  it.each([
    ["pax", ["--format=pax", "--xattrs", "--xattrs-include=*"], "none"],
    ["pax, with sparse files as 1.0", ["--format=pax", "--sparse", "--xattrs", "--xattrs-include=*"], "gzip"],
    ["pax, with sparse files as 0.1", ["--format=pax", "--sparse", "--sparse-version=0.1"], "none"],
    ["pax, with sparse files as 0.0", ["--format=pax", "--sparse", "--sparse-version=0.0"], "zstd"],
    ["gnu", ["--format=gnu"], "gzip"],
    ["gnu, with sparse files", ["--format=gnu", "--sparse"], "zstd"],
    ["oldgnu", ["--format=oldgnu", "--sparse"], "none"],
  ])("format %s", async (_name, flags, compression) => {
    const source = join(work.path, "source");
    makeTree(source);
    const archive = join(work.path, "layer.tar");
    execFileSync("tar", [...flags, "--numeric-owner", "-cf", archive, "-C", source, "."], QUIET);
    const plain = readFileSync(archive);
    const stored =
      compression === "gzip"
        ? gzipSync(plain)
        : compression === "zstd"
          ? execFileSync("zstd", ["-c", archive], { maxBuffer: 1 << 28 })
          : plain;
    const { fs, bytes, fromLower } = await unpack(work.path, plain, { stored });
    const theirs = join(work.path, "theirs");
    mkdirSync(theirs);
    execFileSync("tar", [...GNU_TAR, "-xf", archive, "-C", theirs], QUIET);
    expect(readTree(fs)).toEqual(readTree(theirs));
    expect(bytes).toBe(plain.length);
    expect(fromLower).toEqual([]);
    if (flags.includes("--xattrs")) expect(readTree(fs)).toEqual(readTree(source));
  });

  it("keeps holes as holes, and makes them of long runs of zeros", async () => {
    const { fs } = await unpack(work.path, tar({ name: "zeros", data: Buffer.alloc(8 << 20) }));
    const stat = statSync(join(fs, "zeros"));
    expect(stat.size).toBe(8 << 20);
    expect(stat.blocks).toBeLessThan(400); // of 16384: what is left at the edges of pieces
    expect(readFileSync(join(fs, "zeros")).equals(Buffer.alloc(8 << 20))).toBe(true);
  });

  it.each([65535, 65536, 65537, 131072, 200_000, 524_288, 524_289, 1_300_000])(
    "data of %i bytes with zeros in every place is exact",
    async (size) => {
      const data = Buffer.alloc(size);
      for (let at = 0; at < size; at += 150_001) data[at] = 1;
      const tail = Buffer.from(data);
      tail[size - 1] = 7;
      const { fs } = await unpack(
        work.path,
        tar({ name: "a", data }, { name: "b", data: tail }, { name: "c", data: "x" }),
      );
      expect(readFileSync(join(fs, "a")).equals(data)).toBe(true);
      expect(readFileSync(join(fs, "b")).equals(tail)).toBe(true);
      expect(readFileSync(join(fs, "c"), "utf8")).toBe("x");
    },
  );
});

describe("compression", () => {
  const plain = tar({ name: "f", data: Buffer.from("content ".repeat(100_000)) });

  it("reads gzip of several members as one stream", async () => {
    const stored = Buffer.concat([
      gzipSync(plain.subarray(0, 1000)),
      gzipSync(Buffer.alloc(0)),
      gzipSync(plain.subarray(1000)),
    ]);
    await unpack(work.path, plain, { stored });
  });

  it("reads zstd of several frames, skippable ones among them", async () => {
    const zstd = (bytes: Buffer) => execFileSync("zstd", ["-c"], { input: bytes, maxBuffer: 1 << 28 });
    const skippable = Buffer.from("502a4d18030000006e6f74", "hex");
    await unpack(work.path, plain, {
      stored: Buffer.concat([
        skippable,
        zstd(plain.subarray(0, 7000)),
        skippable,
        zstd(plain.subarray(7000)),
      ]),
    });
  });

  it("hashes what comes after the archive's end too", async () => {
    const longer = Buffer.concat([plain, Buffer.alloc(20_480), Buffer.from("more")]);
    const { bytes } = await unpack(work.path, longer, { stored: gzipSync(longer) });
    expect(bytes).toBe(longer.length);
  });

  it("takes an empty layer", async () => {
    const { entries, fs } = await unpack(work.path, Buffer.alloc(1024));
    expect(entries).toBe(0);
    expect(Object.keys(readTree(fs))).toEqual([""]);
  });
});

describe("odd but honest archives", () => {
  it("the last of several entries of one name wins, whatever they are", async () => {
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "a", data: "file" },
        { name: "a", type: "5" },
        { name: "a/b", data: "1" },
        { name: "a", type: "2", link: "elsewhere" },
        { name: "a", data: "last" },
        { name: "d", type: "5", mode: 0o700 },
        { name: "d/x", data: "kept" },
        { name: "d", type: "5", mode: 0o711, uid: 9 },
        { name: "l", type: "2", link: "d" },
        { name: "l", type: "5" },
        { name: "l/y", data: "y" },
      ),
    );
    const tree = readTree(fs);
    expect(Object.keys(tree)).toEqual(["", "a", "d", "d/x", "l", "l/y"]);
    expect(readFileSync(join(fs, "a"), "utf8")).toBe("last");
    expect(tree.d).toMatchObject({ mode: "40711", owner: "9:0" });
  });

  it("a folder that was replaced meanwhile is not written to any more", async () => {
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "e", type: "5" },
        { name: "d", type: "5" },
        { name: "d/first", data: "1" },
        { name: "d", type: "2", link: "e" },
        { name: "d/second", data: "2" },
        { name: "d", type: "5" },
        { name: "d/third", data: "3" },
      ),
    );
    expect(Object.keys(readTree(fs))).toEqual(["", "d", "d/third", "e", "e/second"]);
  });

  it("names are cleaned: ./, //, trailing slashes, and .. that stays inside", async () => {
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "./a//b/", type: "5" },
        { name: "/abs", data: "x" },
        { name: "a/b/../c", data: "y" },
        { name: "./", type: "5", mode: 0o750 },
      ),
    );
    const tree = readTree(fs);
    expect(Object.keys(tree)).toEqual(["", "a", "a/b", "a/c", "abs"]);
    expect(tree[""]?.mode).toBe("40750");
  });

  it("a whiteout is overlay's, with a time that is always the same; other names of the kind are bookkeeping", async () => {
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "d", type: "5" },
        { name: "d/.wh.gone" },
        { name: ".wh..wh.aufs" },
        { name: ".wh..wh.plnk", type: "5" },
      ),
    );
    expect(Object.keys(readTree(fs))).toEqual(["", "d", "d/gone"]);
    const gone = statSync(join(fs, "d/gone"));
    expect([gone.isCharacterDevice(), gone.rdev, gone.mtimeMs, gone.atimeMs]).toEqual([true, 0, 0, 0]);
  });

  it("v7 archives, global headers and types of old", async () => {
    const v7 = { 257: Buffer.alloc(8) };
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "dir/", type: "\0", patch: v7 },
        { name: "dir/f", type: "\0", data: "v7", patch: v7 },
        { name: "g", type: "g", data: "18 comment=hello\n" },
        { name: "c", type: "7", data: "contiguous" },
      ),
    );
    expect(readFileSync(join(fs, "dir/f"), "utf8")).toBe("v7");
    expect(readFileSync(join(fs, "c"), "utf8")).toBe("contiguous");
  });

  it("binary numbers of owners, sizes and times, before 1970 too", async () => {
    const { fs } = await unpack(
      work.path,
      tar({
        name: "f",
        data: "abc",
        size: base256(3n, 12),
        patch: { 108: base256(4_000_000_000n, 8), 136: base256(-86_400n, 12) },
      }),
    );
    const stat = statSync(join(fs, "f"));
    expect(stat.uid).toBe(4_000_000_000);
    expect(stat.mtimeMs).toBe(-86_400_000);
  });

  it("a link has no data, whatever its header says, as for the peers", async () => {
    const { fs } = await unpack(
      work.path,
      tar(
        { name: "f", data: "abc" },
        { name: "l", type: "1", link: "f", size: 512 },
        { name: "g", data: "after" },
      ),
    );
    expect(Object.keys(readTree(fs))).toEqual(["", "f", "g", "l"]);
  });

  it("a folder that has no entry of its own is reported, unless one comes later", async () => {
    const { fs, fromLower } = await unpack(
      work.path,
      tar({ name: "a/b/c", data: "x" }, { name: "a", type: "5", mode: 0o700 }),
    );
    expect(fromLower.map(({ fields }) => String(fields[1])).sort()).toEqual(["/", "a/b"]);
    expect(readTree(fs)["a/b"]).toMatchObject({ mode: "40755", owner: "0:0" });
  });

  it("labels of another host's security modules are dropped", async () => {
    const { fs } = await unpack(
      work.path,
      tar({
        name: "f",
        data: "x",
        pax: {
          "SCHILY.xattr.security.selinux": "system_u:object_r:etc_t:s0\0",
          "SCHILY.xattr.user.kept": "1",
        },
      }),
    );
    expect(readTree(fs).f?.xattrs).toEqual({ "user.kept": "0x31" });
  });

  it("a hundred thousand hardlinks to one file are that, or the file system's limit is named", async () => {
    const links = Array.from({ length: 30_000 }, (_, i) => tarEntry({ name: `l${i}`, type: "1", link: "f" }));
    const { fs } = await unpack(work.path, tar({ name: "f", data: "x" }, ...links));
    expect(statSync(join(fs, "f")).nlink).toBe(30_001);
  });
});
