import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The page: results, or what went wrong, come back by POST. */
const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
const send = (body) => fetch('/result', { method: 'POST', body: JSON.stringify(body) });
addEventListener('error', ({ message }) => send({ error: message }));
addEventListener('unhandledrejection', ({ reason }) => send({ error: String(reason?.stack ?? reason) }));
const { evaluateAll } = await import('/test/browser/evaluate.ts');
const fixture = await (await fetch('/fixture')).json();
await send({ isolated: crossOriginIsolated, results: await evaluateAll(fixture) });
</script>`;

export type PageResult = {
  readonly isolated?: boolean;
  readonly results?: Readonly<Record<string, string>>;
  readonly error?: string;
};

/**
 * Serves the built package on loopback: /src is dist, tests are stripped of their types, and bare specifiers become paths below
 * node_modules, since import maps do not reach workers. Headers isolate the page, which is what lets its workers share memory.
 */
export async function serveBuild(
  fixture: string,
): Promise<{ readonly url: string; readonly result: Promise<PageResult>; readonly server: Server }> {
  const { promise: result, resolve } = Promise.withResolvers<PageResult>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://loopback');
    if (pathname === '/') send(response, 'text/html', PAGE);
    else if (pathname === '/fixture') send(response, 'application/json', fixture);
    else if (pathname === '/result') {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        send(response, 'text/plain', '');
        resolve(JSON.parse(body) as PageResult);
      });
    } else serveModule(response, pathname);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address() as { readonly port: number };
  return { url: `http://127.0.0.1:${address.port}/`, result, server };
}

function serveModule(response: ServerResponse, pathname: string): void {
  const path = normalize(join(ROOT, pathname.replace(/^\/src\//, '/dist/')));
  const built = path.includes('/dist/') ? path.replace(/\.ts$/, '.js') : path;
  if (!built.startsWith(ROOT) || !existsSync(built)) {
    response.writeHead(404).end();
    return;
  }
  const text = readFileSync(built, 'utf8');
  const code = built.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  const resolved = code.replace(
    /((?:from|import)\s*\(?\s*)(['"])([@\w][^'"]*)\2/g,
    (_, head, quote, name) => {
      const file = fileURLToPath(import.meta.resolve(name as string));
      return `${head}${quote}/${file.slice(ROOT.length)}${quote}`;
    },
  );
  send(response, 'text/javascript', resolved);
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, {
    'content-type': type,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  response.end(body);
}
