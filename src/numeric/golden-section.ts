/**
 * Where a function with one minimum between low and high has it, by golden section: J. Kiefer, "Sequential minimax
 * search for a maximum", Proc. Amer. Math. Soc. 4 (1953), 502-506.
 * @returns a point within 4e-9 of the distance, or a local minimum where there are several. Cost: 42 values.
 */
export function goldenMinimum(f: (x: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [low, high];
  let [inner, outer] = [right - golden * (right - left), left + golden * (right - left)];
  let [fi, fo] = [f(inner), f(outer)];
  for (let i = 0; i < 40; i++) {
    if (fi < fo) {
      [right, outer, fo] = [outer, inner, fi];
      inner = right - golden * (right - left);
      fi = f(inner);
    } else {
      [left, inner, fi] = [inner, outer, fo];
      outer = left + golden * (right - left);
      fo = f(outer);
    }
  }
  return fi < fo ? inner : outer;
}
