import { attributeList } from "../../../../src/kernel/netlink/attribute.ts";
import { type Message, messagesOf } from "../../../../src/kernel/netlink/message.ts";
import type { Netlink } from "../../../../src/kernel/netlink/netlink.ts";

/** Attributes as data: nested ones (by their path of types) as trees, others in hexadecimal. Order and flags do not count. */
export type Tree = { [type: number]: string | Tree };

export function tree(bytes: Buffer, nested: readonly string[], path = ""): Tree {
  return Object.fromEntries(
    attributeList(bytes).map(([type, payload]) => {
      const here = path === "" ? `${type}` : `${path}.${type}`;
      return [type, nested.includes(here) ? tree(payload, nested, here) : payload.toString("hex")];
    }),
  );
}

export function bytes(hexadecimal: string): Buffer {
  return Buffer.from(hexadecimal.replaceAll(/\s/g, ""), "hex");
}

/** The only message of a capture. */
export function captured(hexadecimal: string): Message {
  const [message] = messagesOf(bytes(hexadecimal));
  if (message === undefined) throw new Error("no message in the capture");
  return message;
}

/** Answers each request by the next of the prepared answers, and keeps what was asked. */
export class ScriptedNetlink implements Netlink {
  readonly asked: Message[][] = [];
  readonly #answers: (Buffer | Error)[];

  constructor(...answers: (Buffer | Error)[]) {
    this.#answers = answers;
  }

  request(messages: Uint8Array): Buffer {
    this.asked.push(messagesOf(Buffer.from(messages)));
    const answer = this.#answers.shift() ?? Buffer.alloc(0);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

/** An error as the addon throws it. */
export function errno(code: string, index = 0): Error {
  return Object.assign(new Error(code), { code, index, syscall: "netlink" });
}

/** RTM_NEWLINK as the kernel answers RTM_GETLINK: bridge tspod0, index 5, MTU 1400, up. */
export const bridgeAnswer = bytes(`
  50000000 1000 0000 01000000 00000000  00000100 05000000 03100000 00000000
  0b000300 7473706f 64300000  0a000100 0a740a4d 00010000  08000400 78050000
  10001200 0a000100 62726964 67650000`);
