/** Rows put into classes by what they are counted as. */
export interface RowClasses {
  /** For each row its class. */
  readonly classOf: Uint8Array | Uint16Array | Uint32Array;
  /** For each class how many rows it has. */
  readonly counts: Uint32Array;
}

/** Classes in as little memory as their number allows, and how much that is. */
export function narrowClasses(
  classOf: Uint32Array,
  classes: number,
): RowClasses & { readonly bytes: number } {
  const narrow = classes <= 0x100
    ? Uint8Array.from(classOf)
    : classes <= 0x10000
    ? Uint16Array.from(classOf)
    : classOf;
  const counts = new Uint32Array(classes);
  for (let row = 0; row < narrow.length; row++) counts[narrow[row]!]!++;
  return { classOf: narrow, counts, bytes: narrow.byteLength + counts.byteLength };
}

/** For each class how many of some rows are in it; without rows, how many of all. */
export function countClasses({ classOf, counts }: RowClasses, rows?: Uint32Array): Uint32Array {
  if (rows === undefined) return counts;
  const found = new Uint32Array(counts.length);
  for (let i = 0; i < rows.length; i++) found[classOf[rows[i]!]!]!++;
  return found;
}
