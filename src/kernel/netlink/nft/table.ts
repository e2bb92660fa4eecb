import { text } from "../attribute.ts";
import { NLM_F_ACK } from "../constants.ts";
import { failedWith } from "../failure.ts";
import { type Netlink, send } from "../netlink.ts";
import { NFT_MSG_DELTABLE, NFT_MSG_GETTABLE, NFTA_TABLE_NAME } from "./constants.ts";
import { batch, nftMessage } from "./nft-message.ts";
import { type TableInit, tableMessages } from "./table-rules.ts";
import { uplinksName } from "./uplinks.ts";

/**
 * Makes our own table, family ip, whole, in one transaction. One that is there already is fine: it can only be
 * whole. Nothing in other tables is read or changed; nf_tables runs all tables' chains, and a packet must be
 * let through by each.
 */
export function nftTableAdd(nl: Netlink, init: TableInit): void {
  try {
    if (nftTableExists(nl, init.table)) {
      // The host may have got more links since the table was made.
      uplinksName(nl, init.table, init.uplinks ?? []);
      return;
    }
    send(
      nl,
      { doing: `create nftables table ip ${init.table}`, object: init.table, message: "NFT_MSG_NEWTABLE" },
      batch(tableMessages(init)),
    );
  } catch (error) {
    // Another command made it a moment ago.
    if (!failedWith(error, "EEXIST")) throw error;
    uplinksName(nl, init.table, init.uplinks ?? []);
  }
}

/** Removes the table with all in it; one that is gone is fine. */
export function nftTableDelete(nl: Netlink, table: string): void {
  const request = nftMessage(NFT_MSG_DELTABLE, NLM_F_ACK, [text(NFTA_TABLE_NAME, table)]);
  try {
    send(
      nl,
      { doing: `delete nftables table ip ${table}`, object: table, message: "NFT_MSG_DELTABLE" },
      batch([request]),
    );
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
}

export function nftTableExists(nl: Netlink, table: string): boolean {
  const request = nftMessage(NFT_MSG_GETTABLE, NLM_F_ACK, [text(NFTA_TABLE_NAME, table)]);
  try {
    send(nl, { doing: `look up nftables table ip ${table}`, object: table, message: "NFT_MSG_GETTABLE" }, [
      request,
    ]);
    return true;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw error;
  }
}
