// biome-ignore lint/suspicious/noExplicitAny: what tests look into
export type ApiObject = any;
