/** Numbers of include/uapi/linux/netfilter/{nfnetlink,nf_tables}.h and of nft's datatypes. Only what tspod uses. */
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_MSG_BATCH_BEGIN = 0x10;
export const NFNL_MSG_BATCH_END = 0x11;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;

const nft = (type: number) => (NFNL_SUBSYS_NFTABLES << 8) | type;
export const NFT_MSG_NEWTABLE = nft(0);
export const NFT_MSG_GETTABLE = nft(1);
export const NFT_MSG_DELTABLE = nft(2);
export const NFT_MSG_NEWCHAIN = nft(3);
export const NFT_MSG_GETCHAIN = nft(4);
export const NFT_MSG_NEWRULE = nft(6);
export const NFT_MSG_NEWSET = nft(9);
export const NFT_MSG_NEWSETELEM = nft(12);
export const NFT_MSG_GETSETELEM = nft(13);
export const NFT_MSG_DELSETELEM = nft(14);

export const NFTA_TABLE_NAME = 1;
export const NFTA_TABLE_USERDATA = 6;

export const NFTA_CHAIN_TABLE = 1;
export const NFTA_CHAIN_NAME = 3;
export const NFTA_CHAIN_HOOK = 4;
export const NFTA_CHAIN_POLICY = 5;
export const NFTA_CHAIN_TYPE = 7;
export const NFTA_HOOK_HOOKNUM = 1;
export const NFTA_HOOK_PRIORITY = 2;

export const NFTA_RULE_TABLE = 1;
export const NFTA_RULE_CHAIN = 2;
export const NFTA_RULE_EXPRESSIONS = 4;
export const NFTA_LIST_ELEM = 1;
export const NFTA_EXPR_NAME = 1;
export const NFTA_EXPR_DATA = 2;

export const NFTA_SET_TABLE = 1;
export const NFTA_SET_NAME = 2;
export const NFTA_SET_FLAGS = 3;
export const NFTA_SET_KEY_TYPE = 4;
export const NFTA_SET_KEY_LEN = 5;
export const NFTA_SET_DATA_TYPE = 6;
export const NFTA_SET_DATA_LEN = 7;
export const NFTA_SET_ID = 10;
export const NFTA_SET_USERDATA = 13;
export const NFT_SET_MAP = 8;

export const NFTA_SET_ELEM_LIST_TABLE = 1;
export const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
export const NFTA_SET_ELEM_KEY = 1;
export const NFTA_SET_ELEM_DATA = 2;
export const NFTA_DATA_VALUE = 1;
export const NFTA_DATA_VERDICT = 2;
export const NFTA_VERDICT_CODE = 1;
export const NFTA_VERDICT_CHAIN = 2;

/** Hooks and priorities, include/uapi/linux/netfilter{,_ipv4}.h. */
export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;
export const NF_IP_PRI_RAW = -300;
export const NF_IP_PRI_NAT_DST = -100;
export const NF_IP_PRI_FILTER = 0;
export const NF_IP_PRI_NAT_SRC = 100;

export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NFT_GOTO = -4;

/** nft packs the datatypes of a concatenation six bits each. */
export const TYPE_IPV4_ADDR = 7;
export const TYPE_INET_PROTO = 12;
export const TYPE_INET_SERVICE = 13;
export const TYPE_IFNAME = 41;

export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
