/** What the native tests stand on: processes of the helper, and containers made of them. */
export * from "./containers.ts";
export * from "./processes.ts";
