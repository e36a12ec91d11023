import { effect, type Signal, signal } from "@preact/signals";

/** A signal whose value the browser keeps between visits; `check` says what of a kept value still fits. */
export function stored<T>(
  name: string,
  first: T,
  check: (value: unknown) => T | undefined,
): Signal<T> {
  const key = `sentinel.${name}`;
  const value = signal(read(key, check) ?? first);
  let isFirst = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (!isFirst) write(key, text);
    isFirst = false;
  });
  return value;
}

function read<T>(key: string, check: (value: unknown) => T | undefined): T | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : check(JSON.parse(text));
  } catch {
    return undefined; // Storage is forbidden, or another version wrote something else: start afresh.
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Storage is full or forbidden: the value holds until the page is closed.
  }
}
