import { RangeError } from '../../base/errors.ts';
import { gaussLegendre } from '../../numeric/gauss-legendre.ts';

/**
 * How finely the exercise boundary is resolved. In the letters of Andersen, Lake and Offengenden: nodes is their n,
 * quadrature their l, iterations their m, premiumQuadrature their p.
 */
export type AmericanScheme = {
  /** Chebyshev nodes at which the boundary is found, 4 to 48. */
  readonly nodes: number;
  /** Gauss-Legendre points of the integral at each node, 4 to 64. */
  readonly quadrature: number;
  /** Gauss-Legendre points of the early exercise premium, 4 to 128. */
  readonly premiumQuadrature: number;
  /** Most Newton steps, 1 to 50; fewer are taken where {@link tolerance} is met. */
  readonly iterations: number;
  /** The iteration ends when no ln(boundary)^2 moves by more than this fraction. */
  readonly tolerance: number;
};

/**
 * The schemes by name, with their errors in price over the larger of spot and strike (F66):
 * `fast`, tens of thousands of options a second on one core, 1e-12 in the median and 1e-6 at most;
 * `accurate`, thousands a second, 1e-15 in the median and 2e-8 at most;
 * `reference`, hundreds a second, 4e-10 for 99 of 100 and 2e-8 at most.
 */
export const AMERICAN_SCHEMES: Readonly<Record<'fast' | 'accurate' | 'reference', AmericanScheme>> = {
  fast: { nodes: 8, quadrature: 8, premiumQuadrature: 20, iterations: 20, tolerance: 3e-3 },
  accurate: { nodes: 20, quadrature: 20, premiumQuadrature: 48, iterations: 30, tolerance: 1e-6 },
  reference: { nodes: 40, quadrature: 56, premiumQuadrature: 128, iterations: 40, tolerance: 3e-8 },
};

/** Largest sizes a scheme may ask for; scratch arrays are made for them. */
export const MOST_NODES = 48;
export const MOST_POINTS: number = MOST_NODES * 64;
export const MOST_PREMIUM_POINTS = 128;

/** The quadrature of the integrals over s + u = tau that end at a node, tau its time to expiry (F62). */
export type NodeQuadrature = {
  readonly points: number;
  /** sqrt(s/tau), sqrt(u/tau) and the weight of ds/tau at point k of the integral over u + s = tau. */
  readonly rootLater: Float64Array;
  readonly rootEarlier: Float64Array;
  readonly weight: Float64Array;
  /**
   * The nodes' cardinal functions at time u of point k before node i, four nodes at a time: element
   * (block x nodes x points + i x points + k) x 4 + j is that of node 4 block + j.
   */
  readonly cardinal: Float64Array;
};

/** What depends on the scheme alone, computed once. */
export type SchemeTables = {
  readonly scheme: AmericanScheme;
  readonly nodes: number;
  /** Nodes rounded up to a multiple of four, the length of a row of the premium's interpolation matrix. */
  readonly stride: number;
  /** Time to expiry of node i over the horizon, ascending; the last is 1. */
  readonly time: Float64Array;
  /** For first steps, which need no more. */
  readonly coarse: NodeQuadrature;
  readonly fine: NodeQuadrature;
  readonly premiumPoints: number;
  /** Squares of sqrt(s/horizon), weights of ds/horizon and cardinal functions of the premium's points. */
  readonly premiumTime: Float64Array;
  readonly premiumWeight: Float64Array;
  readonly premiumCardinal: Float64Array;
  /** Barycentric weights of the nodes in the interpolation variable, the one at expiry first. */
  readonly barycentric: Float64Array;
};

const COARSE_POINTS = 2;

const cache = new Map<string, SchemeTables>();

/** Interpolation runs in the cube root of time: see F62. */
export const timeOf = (position: number): number => position * position * position;

/** The tables of a scheme. @throws RangeError naming the setting that is out of range. */
export function tablesOf(scheme: AmericanScheme): SchemeTables {
  const { nodes, quadrature, premiumQuadrature, iterations, tolerance } = scheme;
  const key = `${nodes},${quadrature},${premiumQuadrature},${iterations},${tolerance}`;
  let tables = cache.get(key);
  if (tables === undefined) {
    checkScheme(scheme);
    tables = build(scheme);
    cache.set(key, tables);
  }
  return tables;
}

function checkScheme(scheme: AmericanScheme): void {
  const sizes: [keyof AmericanScheme, number, number][] = [
    ['nodes', 4, MOST_NODES],
    ['quadrature', 4, 64],
    ['premiumQuadrature', 4, MOST_PREMIUM_POINTS],
    ['iterations', 1, 50],
  ];
  for (const [setting, least, most] of sizes) {
    const found = scheme[setting];
    if (!(Number.isInteger(found) && found >= least && found <= most)) {
      throw new RangeError(
        `expected an integer from ${least} to ${most} as ${setting} of a scheme, found ${found}`,
        {
          setting,
          found,
        },
      );
    }
  }
  if (!(scheme.tolerance > 0 && scheme.tolerance < 1)) {
    throw new RangeError(
      `expected a tolerance between 0 and 1 as tolerance of a scheme, found ${scheme.tolerance}`,
      {
        setting: 'tolerance',
        found: scheme.tolerance,
      },
    );
  }
}

function build(scheme: AmericanScheme): SchemeTables {
  const { nodes, quadrature, premiumQuadrature: premiumPoints } = scheme;
  const stride = (nodes + 3) & ~3;
  const positions = Float64Array.from(
    { length: nodes + 1 },
    (_, i) => (1 - Math.cos((i * Math.PI) / nodes)) / 2,
  );
  const barycentric = Float64Array.from(
    positions,
    (_, i) => (i % 2 === 0 ? 1 : -1) * (i === 0 || i === nodes ? 0.5 : 1),
  );

  const premiumRule = gaussLegendre(premiumPoints);
  // The angle runs as the square of the point: more points where the spot may sit next to the boundary.
  const premiumAngle = premiumRule.nodes.map((x) => (x * x * Math.PI) / 2);
  const premiumCardinal = new Float64Array(premiumPoints * stride);
  premiumAngle.forEach((a, k) => {
    fillCardinals(positions, barycentric, Math.cbrt(Math.cos(a) ** 2), premiumCardinal, k * stride);
  });
  return {
    scheme,
    nodes,
    stride,
    time: positions.slice(1).map(timeOf),
    coarse: nodeQuadrature(positions, barycentric, Math.min(quadrature, COARSE_POINTS + (quadrature >> 2))),
    fine: nodeQuadrature(positions, barycentric, quadrature),
    premiumPoints,
    premiumTime: premiumAngle.map((a) => Math.sin(a) ** 2),
    premiumWeight: premiumAngle.map(
      (a, k) => premiumRule.weights[k]! * Math.PI * premiumRule.nodes[k]! * Math.sin(2 * a),
    ),
    premiumCardinal,
    barycentric,
  };
}

function nodeQuadrature(positions: Float64Array, barycentric: Float64Array, points: number): NodeQuadrature {
  const nodes = positions.length - 1;
  const rule = gaussLegendre(points);
  const angle = rule.nodes.map((x) => (x * Math.PI) / 2);
  const rootEarlier = angle.map(Math.sin);
  const count = nodes * points;
  const cardinal = new Float64Array(((nodes + 3) & ~3) * count);
  const row = new Float64Array(nodes);
  for (let at = 0; at < count; at++) {
    const position = positions[Math.floor(at / points) + 1]! * Math.cbrt(rootEarlier[at % points]! ** 2);
    fillCardinals(positions, barycentric, position, row, 0);
    for (let j = 0; j < nodes; j++) cardinal[((j >> 2) * count + at) * 4 + (j & 3)] = row[j]!;
  }
  return {
    points,
    rootLater: angle.map(Math.cos),
    rootEarlier,
    weight: angle.map((a, k) => rule.weights[k]! * (Math.PI / 2) * Math.sin(2 * a)),
    cardinal,
  };
}

/** The cardinal functions of all nodes but the one at expiry, where the interpolated function is zero. */
function fillCardinals(
  positions: Float64Array,
  barycentric: Float64Array,
  position: number,
  out: Float64Array,
  at: number,
): void {
  let sum = 0;
  for (let j = 0; j < positions.length; j++) {
    const distance = position - positions[j]!;
    if (distance === 0) {
      out.fill(0, at, at + positions.length - 1);
      if (j > 0) out[at + j - 1] = 1;
      return;
    }
    const term = barycentric[j]! / distance;
    sum += term;
    if (j > 0) out[at + j - 1] = term;
  }
  for (let j = 1; j < positions.length; j++) out[at + j - 1]! *= Math.sqrt(position / positions[j]!) / sum;
}
