/** The part of the WebAssembly API that kernels use; TypeScript declares it only with the DOM. */
type WebAssemblyApi = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => WasmMemory;
};

/**
 * The linear memory of an instance. `buffer` is replaced whenever the memory grows. That of a shared memory is a SharedArrayBuffer:
 * views work alike, and what is posted to a worker is not copied but shared.
 */
export type WasmMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number };

const PAGE_BYTES = 65_536;
const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/**
 * Compiles an embedded module. Compilation is synchronous, so that kernels can be used without an `await`:
 * Node and workers allow that at any size, and browsers on their main thread for modules this small (Chrome
 * once drew the line at 4 KB and now does at 8 MB).
 */
export function compileModule(base64: string): object {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // A loop: code that runs once is interpreted, and `Uint8Array.from` with a function takes ten times as long there.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new api.Module(bytes);
}

/**
 * A new instance with a linear memory of its own, which is freed with it. Cost: some tens of microseconds.
 */
export function instantiate<Exports extends { readonly memory: WasmMemory }>(
  module: object,
  imports: object = {},
): Exports {
  return new api.Instance(module, imports).exports as Exports;
}

/** A memory that workers share, or undefined where the platform has none (a browser's page that is not isolated). */
export function sharedMemory(bytes: number): WasmMemory | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return undefined;
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    return new api.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    return undefined;
  }
}

/** Grows the memory, if need be, to hold `bytes`. Views made before are void afterwards. */
export function reserve(memory: WasmMemory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) memory.grow(missing);
}
