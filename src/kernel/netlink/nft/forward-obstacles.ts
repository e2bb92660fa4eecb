import { attributesOf, textOf } from "../attribute.ts";
import { NLM_F_DUMP } from "../constants.ts";
import { type Netlink, send } from "../netlink.ts";
import {
  NF_DROP,
  NF_INET_FORWARD,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFT_MSG_GETCHAIN,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TABLE,
  NFTA_HOOK_HOOKNUM,
} from "./constants.ts";
import { nftMessage } from "./nft-message.ts";

/**
 * Chains of other programs that drop what is forwarded unless a rule of theirs accepts it, as `ip filter FORWARD`
 * (Docker's policy). A packet must be let through by every table, so what pods send out may end there: worth a
 * warning, but not ours to override. Whether a rule lets pods through is not looked into.
 */
export function forwardObstacles(nl: Netlink): string[] {
  const families = new Map([
    [NFPROTO_IPV4, "ip"],
    [NFPROTO_INET, "inet"],
  ]);
  const purpose = { doing: "list nftables chains", object: "chains", message: "NFT_MSG_GETCHAIN" };
  return [...families].flatMap(([number, family]) =>
    send(nl, purpose, [nftMessage(NFT_MSG_GETCHAIN, NLM_F_DUMP, [], number)]).flatMap(({ body }) => {
      const attributes = attributesOf(body.subarray(4));
      const hook = attributesOf(attributes.get(NFTA_CHAIN_HOOK) ?? Buffer.alloc(0));
      const forwards = hook.get(NFTA_HOOK_HOOKNUM)?.readUInt32BE() === NF_INET_FORWARD;
      const drops = attributes.get(NFTA_CHAIN_POLICY)?.readUInt32BE() === NF_DROP;
      if (!forwards || !drops) return [];
      const [table, chain] = [NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME].map((type) =>
        textOf(attributes.get(type) ?? Buffer.alloc(0)),
      );
      return [`${family} ${table} ${chain}`];
    }),
  );
}
