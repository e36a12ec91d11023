/**
 * The compact JSON text of a value that `JSON.parse` gave, however deep it nests: `JSON.stringify` recurses and overflows
 * the stack some thousand levels down. Numbers beyond a double's range become strings.
 */
export function deepJson(value: unknown): string {
  const pieces: string[] = [];
  // What is still to be written, last first: texts as they are, values in a box.
  const stack: (string | { readonly value: unknown })[] = [{ value }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next === "string") {
      pieces.push(next);
      continue;
    }
    const inner = next.value;
    if (typeof inner !== "object" || inner === null) {
      pieces.push(scalarText(inner));
    } else if (Array.isArray(inner)) {
      stack.push("]");
      for (let i = inner.length - 1; i >= 0; i--) {
        stack.push({ value: inner[i] });
        if (i > 0) stack.push(",");
      }
      pieces.push("[");
    } else {
      stack.push("}");
      const members = Object.entries(inner);
      for (let i = members.length - 1; i >= 0; i--) {
        const [name, member] = members[i]!;
        stack.push({ value: member }, `${i > 0 ? "," : ""}${JSON.stringify(name)}:`);
      }
      pieces.push("{");
    }
  }
  return pieces.join("");
}

function scalarText(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value) ?? "null";
}
