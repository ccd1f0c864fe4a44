/**
 * The automorphism X -> X^e of Z[X] / (X^N + 1) that rotates slots by `steps`: e = 3^steps mod 2N, since SEAL orders slots
 * by powers of 3 (Cheon, Kim, Kim and Song, "Homomorphic Encryption for Arithmetic of Approximate Numbers", ASIACRYPT 2017,
 * use 5). Steps are taken modulo N / 2 and may be negative; 1 stands for no rotation.
 */
export function galoisElement(steps: number, degree: number): number {
  const slots = degree / 2;
  const forward = ((steps % slots) + slots) % slots;
  let element = 1;
  for (let i = 0; i < forward; i++) element = (element * 3) % (2 * degree);
  return element;
}

/** The automorphism that conjugates every slot. */
export function conjugationElement(degree: number): number {
  return 2 * degree - 1;
}
