import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../../src/algebra/draw-svg.ts';
import { drawText } from '../../../src/algebra/draw-text.ts';
import { layoutOf } from '../../../src/algebra/layered-layout.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';

const spec = { length: 3, bound: 1 };
const deltaGamma = record(
  (alg, { delta, gamma, move }) => ({
    pnl: alg.add(alg.mul(delta, move), alg.scale(alg.mul(gamma, alg.mul(move, move)), 0.5)),
  }),
  { delta: spec, gamma: spec, move: spec },
);

describe('drawText', () => {
  it('lists every node with length, bounds, depth and outputs', () => {
    const [head, ...lines] = drawText(deltaGamma).split('\n');
    expect(head).toBe(
      `arithmetic circuit ${deltaGamma.digest.slice(0, 12)}, 8 nodes, depth 2, 9 secret products`,
    );
    expect(lines).toHaveLength(8);
    expect(lines.filter((line) => /^%\d+ +=/.test(line))).toHaveLength(8);
    expect(lines.join('\n')).toMatch(/= mul %2, %2 +\[3\] +in \[0, 1\] +depth 1/);
    expect(lines.at(-1)).toMatch(/= add %\d, %\d +\[3\] +\|\.\| <= 1\.5 +depth 2 +-> pnl$/);
    for (const line of lines) expect(line).toBe(line.trimEnd());
  });

  it('counts comparisons of an ordered circuit', () => {
    const worst = recordOrdered((alg, { x }) => ({ worst: alg.kthSmallest(x, 1) }), { x: spec });
    expect(drawText(worst)).toMatch(/^ordered circuit .*11 comparisons\n/);
  });
});

describe('drawSvg', () => {
  it('is one well-formed document with a description, a box a node and an output', () => {
    const svg = drawSvg(deltaGamma);
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true);
    // The background is a rectangle too.
    expect(svg.match(/<rect /g)).toHaveLength(8 + 1 + 1);
    expect(svg).toMatch(/role="img" aria-labelledby="title-[0-9a-f]+ text-[0-9a-f]+"/);
    expect(svg).toContain('%7 = ');
    const open: string[] = [];
    for (const [, end, tag, empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (end === '/') expect(open.pop()).toBe(tag);
      else if (empty !== '/') open.push(tag!);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('escapes names', () => {
    const odd = record((_, inputs) => ({ '<script>&"': inputs['<a>']! }), { '<a>': spec } as Record<
      string,
      typeof spec
    >);
    const svg = drawSvg(odd);
    expect(svg).toContain('&lt;script&gt;&amp;&quot;');
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('<a>');
  });
});

describe('layoutOf', () => {
  it('lets no boxes of a column overlap, and undoes crossings that it can', () => {
    const boxes = [
      { height: 40, layer: 0, from: [] },
      { height: 40, layer: 0, from: [] },
      { height: 40, layer: 1, from: [1] },
      { height: 40, layer: 1, from: [0] },
      { height: 40, layer: 2, from: [2, 0] },
    ];
    const { y, height, bends } = layoutOf(boxes);
    expect(Math.abs(y[0]! - y[1]!)).toBeGreaterThanOrEqual(54 - 1e-9);
    expect(Math.sign(y[0]! - y[1]!)).toBe(Math.sign(y[3]! - y[2]!));
    expect(bends.get('4 1')).toHaveLength(1);
    for (const at of y) {
      expect(at).toBeGreaterThanOrEqual(20 - 1e-9);
      expect(at).toBeLessThanOrEqual(height - 20 + 1e-9);
    }
  });
});
