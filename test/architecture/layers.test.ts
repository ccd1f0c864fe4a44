import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** The architecture: a folder may import folders of lower layers, and itself. */
const LAYERS: Readonly<Record<string, number>> = {
  base: 0,
  numeric: 1,
  kernels: 1,
  domain: 2,
  algebra: 2,
  pricing: 3,
  ckks: 3,
  mpc: 3,
  risk: 4,
  trust: 4,
  engine: 5,
  cluster: 5,
  cli: 6,
  notebook: 6,
};

/** Edges that go down but are forbidden all the same. */
const FORBIDDEN: readonly (readonly [from: string, to: string, why: string])[] = [
  ['risk', 'ckks', 'risk is written once, for every back end'],
  ['risk', 'mpc', 'risk is written once, for every back end'],
  ['ckks', 'pricing', 'back ends know no finance'],
  ['mpc', 'pricing', 'back ends know no finance'],
];

/** Edges within a layer that the design allows. */
const SIBLINGS: ReadonlySet<string> = new Set(['engine>cluster']);

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g;

type Edge = {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
  readonly target: string;
};

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const files = sourceFiles(SRC);
const folderOf = (path: string): string => relative(SRC, path).split(/[\\/]/)[0]!;
const edges: Edge[] = files.flatMap((file) =>
  [...withoutComments(readFileSync(file, 'utf8')).matchAll(IMPORT)].map(([, specifier]) => ({
    file: relative(SRC, file),
    from: folderOf(file),
    specifier: specifier!,
    target: specifier!.startsWith('.') ? resolve(dirname(file), specifier!) : '',
  })),
);
const internal = edges.filter(({ target }) => target !== '');

describe('layers', () => {
  it('reads the whole source tree', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(internal.length).toBeGreaterThan(200);
  });

  it('resolves every relative import to a file of the tree', () => {
    const known = new Set(files);
    expect(
      internal
        .filter(({ target }) => !known.has(target))
        .map(({ file, specifier }) => `${file}: ${specifier}`),
    ).toEqual([]);
  });

  it('knows every folder', () => {
    const unknown = files
      .map(folderOf)
      .filter((folder) => folder !== 'index.ts' && LAYERS[folder] === undefined);
    expect(unknown).toEqual([]);
  });

  it('only points down', () => {
    const wrong = internal
      .map((edge) => ({ ...edge, to: folderOf(edge.target) }))
      .filter(({ from, to }) => from !== 'index.ts' && from !== to)
      .filter(({ from, to }) => !(LAYERS[from]! > LAYERS[to]!) && !SIBLINGS.has(`${from}>${to}`))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('keeps the forbidden edges out', () => {
    const wrong = FORBIDDEN.flatMap(([from, to, why]) =>
      internal
        .filter((edge) => edge.from === from && folderOf(edge.target) === to)
        .map(({ file, specifier }) => `${file} imports ${specifier}: ${why}`),
    );
    expect(wrong).toEqual([]);
  });

  it('confines node-seal to one file', () => {
    const users = edges.filter(({ specifier }) => /^node-seal(\/|$)/.test(specifier)).map(({ file }) => file);
    expect(users).toEqual([join('ckks', 'seal.ts')]);
  });

  it('uses SEAL in its workers only', () => {
    const inside = join('ckks', 'seal') + sep;
    const users = internal
      .filter(({ target }) => relative(SRC, target).startsWith(inside))
      .map(({ file }) => file)
      .filter((file) => !file.startsWith(inside) && !file.startsWith(join('ckks', 'worker') + sep));
    expect(users).toEqual([]);
  });

  it('keeps seeded randomness away from secrets', () => {
    const users = internal
      .filter(({ target }) => relative(SRC, target) === join('numeric', 'seeded.ts'))
      .map(({ from }) => from);
    for (const folder of ['ckks', 'mpc', 'trust']) expect(users).not.toContain(folder);
  });

  it('is browser-safe below the engine, but for transports between processes', () => {
    const transports = join('mpc', 'node') + sep;
    const wrong = edges
      .filter(({ from, specifier }) => specifier.startsWith('node:') && LAYERS[from]! < 5)
      .filter(({ file }) => !file.startsWith(transports))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(wrong).toEqual([]);
    const users = internal
      .filter(
        ({ file, target }) => relative(SRC, target).startsWith(transports) && !file.startsWith(transports),
      )
      .filter(({ from }) => LAYERS[from]! < 5)
      .map(({ file }) => file);
    expect(users).toEqual([]);
  });

  it('decrypts and opens nowhere but in trust and in the back ends themselves', () => {
    const callers = files
      .filter((file) => /\.decryptRaw\(/.test(withoutComments(readFileSync(file, 'utf8'))))
      .map((file) => relative(SRC, file));
    expect(callers).toEqual([join('trust', 'release.ts')]);
  });
});
