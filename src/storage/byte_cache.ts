/** A number is found faster than its digits. */
type CacheKey = string | number;

/** A cache bounded in bytes that forgets what was least recently used. Loads that fail are not kept. */
export class ByteCache {
  readonly #entries = new Map<CacheKey, { readonly value: unknown; readonly bytes: number }>();
  readonly #loading = new Map<CacheKey, Promise<unknown>>();
  readonly #bytesMax: number;
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What is kept under `key`, else what `load` gives; the same key is loaded once at a time. */
  async get<T>(key: CacheKey, load: () => Promise<T>, bytesOf: (value: T) => number): Promise<T> {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry.value as T;
    }
    let loading = this.#loading.get(key) as Promise<T> | undefined;
    if (loading === undefined) {
      loading = load().finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
      const value = await loading;
      this.put(key, value, bytesOf(value));
      return value;
    }
    return await loading;
  }

  /** What is kept under `key`, if anything is. */
  peek<T>(key: CacheKey): T | undefined {
    return this.#entries.get(key)?.value as T | undefined;
  }

  /** Forgets what is kept under `key`. */
  delete(key: CacheKey): void {
    this.bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  /** Keeps a value, unless one is kept under `key` or it takes more than a quarter of the cache. */
  put(key: CacheKey, value: unknown, bytes: number): void {
    if (bytes > this.#bytesMax / 4 || this.#entries.has(key)) return;
    this.#entries.set(key, { value, bytes });
    this.bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.bytes <= this.#bytesMax) break;
      this.#entries.delete(oldest);
      this.bytes -= entry.bytes;
    }
  }
}
