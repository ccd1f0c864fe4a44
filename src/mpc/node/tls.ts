import type { X509Certificate } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Digest } from '../../base/brand.ts';
import { hex } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { LinkFault } from '../transport.ts';

/** Where an endpoint listens. */
export type Address = { readonly host: string; readonly port: number };

/** An endpoint's own certificate and key, PEM. */
export type TlsCredentials = { readonly certificate: string; readonly privateKey: string };

const PROTOCOL = 'blindrisk-mpc/1';

/** How long a stranger may take to finish its handshake. */
const HANDSHAKE_MS = 10_000;

/** TLS 1.3 and nothing older; certificates are asked for on both sides and judged by their pins alone, see {@link peerPin}. */
function settings({ certificate, privateKey }: TlsCredentials) {
  return {
    cert: certificate,
    key: privateKey,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // AES-128 first: the rest of the handshake is no stronger, and it is the fastest.
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
    ALPNProtocols: [PROTOCOL],
    rejectUnauthorized: false,
  } as const;
}

/** Accepts connections of whoever proves a key; the caller judges which key. */
export function listenTls(
  credentials: TlsCredentials,
  { host, port }: Address,
  most: number,
  onSocket: (socket: TLSSocket) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(
      { ...settings(credentials), requestCert: true, handshakeTimeout: HANDSHAKE_MS },
      onSocket,
    );
    server.maxConnections = most;
    server.once('error', (cause) =>
      reject(
        new LinkFault(
          `cannot listen on ${host}:${port}: ${(cause as NodeJS.ErrnoException).code}`,
          undefined,
          { cause },
        ),
      ),
    );
    server.listen(port, host, () => resolve(server));
  });
}

/** Connects, and tries again while nobody listens there. */
export async function connectTls(
  credentials: TlsCredentials,
  address: Address,
  signal: AbortSignal,
): Promise<TLSSocket> {
  for (let pause = 20; ; pause = Math.min(2 * pause, 500)) {
    try {
      return await attempt(credentials, address, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const { code } = cause as NodeJS.ErrnoException;
      if (code === undefined || !PASSING.has(code)) {
        throw new LinkFault(
          `no TLS connection to ${address.host}:${address.port}: ${code ?? 'it failed'}`,
          undefined,
          {
            cause,
          },
        );
      }
    }
    await sleep(pause, signal);
  }
}

/** Failures of a peer that may not be up yet. */
const PASSING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

function attempt(
  credentials: TlsCredentials,
  { host, port }: Address,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...settings(credentials), host, port });
    const settle = (done: () => void) => {
      socket.off('error', onError).off('secureConnect', onConnect);
      signal.removeEventListener('abort', onAbort);
      done();
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onConnect = () => settle(() => resolve(socket));
    const onAbort = () => {
      settle(() => reject(signal.reason));
      socket.on('error', () => {}).destroy();
    };
    socket.on('error', onError).on('secureConnect', onConnect);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

/**
 * SHA-256 of the public key whose possession a peer has proved in the handshake (its certificate's SubjectPublicKeyInfo); undefined if it
 * showed no certificate, or speaks something else.
 */
export function peerPin(socket: TLSSocket): Digest | undefined {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined || socket.getProtocol() !== 'TLSv1.3' || socket.alpnProtocol !== PROTOCOL) {
    return undefined;
  }
  return hex(sha256Of(certificate.publicKey.export({ type: 'spki', format: 'der' }))) as Digest;
}
