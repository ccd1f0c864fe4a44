/** Transports between processes. For Node: the rest of `blindrisk/mpc` runs in a browser too. */
export type { Address, TlsCredentials } from './tls.ts';
export { type TlsOptions, type TlsPeer, TlsTransport } from './tls-transport.ts';
