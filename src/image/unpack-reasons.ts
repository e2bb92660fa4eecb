/** What tspod-unpack's words mean (native/unpack): the sentence goes after "layer sha256:…: ". */
const SENTENCES: Record<string, string> = {
  "bad-checksum": "a tar header's checksum is wrong",
  "bad-gzip": "its gzip data is broken",
  "bad-header": "there is data after the archive's end where another header should be",
  "bad-link": "a hardlink names no file that can be linked",
  "bad-name": "an entry's name is empty or holds a NUL",
  "bad-number": "a number in a tar header is broken, negative or too large",
  "bad-pax": "an extended (PAX) header is broken",
  "bad-root": 'an entry for the root "/" is not a folder',
  "bad-sparse": "the map of a sparse file is broken",
  "bad-whiteout": 'a whiteout names no file (it would remove ".", ".." or nothing)',
  "bad-zstd": "its zstd data is broken",
  complete: "what it takes from the layers beneath it is not there",
  confine: "the unpacker could not confine itself",
  create: "an entry could not be made",
  "disk-reserve": "the disk is nearly full",
  "gzip-checksum": "its gzip checksum does not match",
  "long-name": "a name is longer than the 4095 bytes that Linux allows",
  "long-pax": "an extended (PAX) header is larger than 1 MiB",
  "many-entries": "it has more entries than the limit allows",
  "many-folders": "it has more folders than can be kept track of",
  "many-xattrs": "an entry has more than 128 extended attributes",
  memory: "there is no memory left",
  mkdir: "a folder could not be made",
  mode: "an entry's mode could not be set",
  opaque: "a folder could not be marked opaque; the store's file system must support trusted.* attributes",
  "overlay-device":
    "it holds a character device 0:0, which overlay reads as a removed file; a whiteout is written as .wh.NAME",
  "overlay-xattr": "it sets an attribute of overlay itself, which could redirect lookups",
  owner: "an entry's owner could not be set",
  parent: "the folder that an entry lies in cannot be opened",
  read: "its blob could not be read",
  replace: "an entry could not be replaced by a later one",
  "through-symlink": "an entry lies beneath a symlink that leads to nothing in this layer",
  times: "an entry's times could not be set",
  "too-big": "it is larger, unpacked, than the limit allows",
  traversal: 'an entry\'s name leads out of the layer by ".."',
  truncated: "the archive ends in the middle of an entry",
  "truncated-compression": "its compressed data ends too early",
  "unknown-type": "it holds an entry of a type that no file system has",
  whiteout: "a removed file could not be marked",
  write: "a file could not be written",
  xattr: "an extended attribute could not be set",
};

/** Reasons that say something of this host, not of the layer. */
const HOST = new Set(["confine", "disk-reserve", "memory", "opaque", "read"]);

export function reasonSentence(reason: string): string {
  return SENTENCES[reason] ?? `the unpacker stopped: ${reason}`;
}

export function isHostReason(reason: string, errno: number): boolean {
  return HOST.has(reason) || errno !== 0;
}
