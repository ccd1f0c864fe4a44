/**
 * Disposes what it was given, last first. A small stand-in for the platform's DisposableStack, which Node 22 lacks.
 */
export class Disposer implements Disposable {
  readonly #resources: Disposable[] = [];

  use<T extends Disposable>(resource: T): T {
    this.#resources.push(resource);
    return resource;
  }

  [Symbol.dispose](): void {
    for (const resource of this.#resources.splice(0).reverse()) resource[Symbol.dispose]();
  }
}
