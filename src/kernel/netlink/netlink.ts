import type { Addon } from "../addon.ts";
import { NETLINK_NETFILTER, NETLINK_ROUTE } from "./constants.ts";
import { netlinkFailure } from "./failure.ts";
import { type Message, messagesOf, numbered } from "./message.ts";

/**
 * A way to one network namespace's netlink. `request` sends messages, waits for every acknowledgement and the
 * end of every dump, returns the other answers, and throws an Error with `code` (symbolic errno), `syscall` and
 * `index` (the failed message's place in the buffer).
 */
export interface Netlink {
  request(messages: Uint8Array): Buffer;
}

/** A netlink socket; `close` belongs to whoever opened it, through `fd`. */
export interface NetlinkSocket extends Netlink {
  fd: number;
}

/** rtnetlink in the network namespace of `netnsFd` (a pidfd or nsfs descriptor; -1: ours), where the socket stays. */
export function openRoute(addon: Addon, netnsFd: number): NetlinkSocket {
  return open(addon, NETLINK_ROUTE, netnsFd);
}

/** nfnetlink in the network namespace of `netnsFd`. */
export function openNetfilter(addon: Addon, netnsFd: number): NetlinkSocket {
  return open(addon, NETLINK_NETFILTER, netnsFd);
}

function open(addon: Addon, protocol: number, netnsFd: number): NetlinkSocket {
  const fd = addon.netlinkSocket(protocol, netnsFd);
  return { fd, request: (messages) => addon.netlinkRequest(fd, messages) };
}

let sequence = 0;

/** What a request was about, for its error. */
export interface Purpose {
  /** As a sentence's end: `create bridge tspod0`. */
  doing: string;
  /** The link, address or table concerned. */
  object: string;
  /** The message that carries it: `RTM_NEWLINK`. */
  message: string;
  hint?: string;
}

/** Sends the messages in one buffer and returns the decoded answers. Throws a TspodError that names the purpose. */
export function send(nl: Netlink, purpose: Purpose, messages: readonly Buffer[]): Message[] {
  // Numbers are never used twice in this process: a late answer to an earlier request is recognised.
  const first = sequence + 1;
  sequence = (sequence + messages.length) % 0x7fffffff;
  try {
    return messagesOf(nl.request(numbered(messages, first)));
  } catch (error) {
    throw netlinkFailure(error, purpose);
  }
}
