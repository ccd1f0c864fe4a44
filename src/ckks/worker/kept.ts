/** What is made once and kept: by the first who asks, for all who ask later; made anew only if making it failed. */
export class Kept<T> {
  #value: Promise<T> | undefined;

  get(make: () => Promise<T>): Promise<T> {
    this.#value ??= make().catch((error: unknown) => {
      this.#value = undefined;
      throw error;
    });
    return this.#value;
  }
}
