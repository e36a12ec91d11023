import { signal } from "@preact/signals";
import { activeKey } from "./live.ts";
import { navigate, view } from "./navigation.ts";
import { results } from "./results.ts";

/** The index of a row that is to be brought into view; the list takes it and sets it back. */
export const wantedIndex = signal<{ index: number; place: "near" | "middle" } | undefined>(
  undefined,
);
/** The rows that are in view: from, and to before. */
export const rowsInView = signal<{ from: number; to: number }>({ from: 0, to: 0 });

/** Goes up or down some rows; an open record follows. */
export function moveRow(by: number): void {
  const list = results.peek()?.list;
  if (list === undefined || list.count === 0) return;
  const key = activeKey.peek() ?? view.peek().open;
  const now = key === undefined ? -1 : list.indexOfKey(key);
  const { from, to } = rowsInView.peek();
  const start = by > 0 ? from : to - 1;
  const index = now < 0 ? start : now + by;
  goToRow(Math.min(list.count - 1, Math.max(0, index)));
}

/** Goes to a row by index. */
export function goToRow(index: number): void {
  const row = results.peek()?.list.rowAt(index);
  wantedIndex.value = { index, place: "near" };
  if (row === undefined) return;
  activeKey.value = row.key;
  if (view.peek().open !== undefined && row.record !== undefined) {
    navigate({ open: row.key }, "replace");
  }
}

/** Opens the row that the keyboard is on. */
export function openActive(): void {
  const key = activeKey.peek();
  if (key !== undefined && key > 0) navigate({ open: key });
}

/** Opens a row. */
export function openRow(key: number): void {
  activeKey.value = key;
  navigate({ open: key }, view.peek().open === undefined ? "push" : "replace");
}

/** Closes the open record, or leaves the row that the keyboard is on; gives whether there was anything to close. */
export function closeRow(): boolean {
  if (view.peek().open !== undefined) {
    navigate({ open: undefined });
    return true;
  }
  if (activeKey.peek() === undefined) return false;
  activeKey.value = undefined;
  return true;
}

/** Brings a moment into view. */
export function goToTime(ms: number): void {
  const list = results.peek()?.list;
  if (list !== undefined) wantedIndex.value = { index: list.indexOfTime(ms), place: "middle" };
}

/** Brings the end into view. */
export function goToEnd(): void {
  const list = results.peek()?.list;
  if (list === undefined) return;
  activeKey.value = undefined;
  wantedIndex.value = { index: Math.max(0, list.count - 1), place: "near" };
}
