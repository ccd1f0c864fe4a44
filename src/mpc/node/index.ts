/** Transports between processes and stocks on disk. For Node: the rest of `blindrisk/mpc` runs in a browser too. */
export { BitStore, writeBitStore } from './bit-store.ts';
export type { Address, TlsCredentials } from './tls.ts';
export { type TlsOptions, type TlsPeer, TlsTransport } from './tls-transport.ts';
