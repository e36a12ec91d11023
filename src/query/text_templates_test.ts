import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeSegmentColumn,
  decodeSegmentHead,
  encodeSegment,
  TemplatedTexts,
} from "../codec/mod.ts";
import { packTexts, RecordBatch, sealBatches } from "../record.ts";
import { ExactMatcher } from "./text_exact.ts";
import { LiteralMatcher } from "./text_match.ts";
import { containsLiteral, literalOf } from "./text_words.ts";

/** The messages as a segment gives them back. */
function stored(messages: readonly string[]): TemplatedTexts | undefined {
  const batch = new RecordBatch();
  for (const message of messages) batch.append(0, 0, "shop", 2, message);
  const segment = encodeSegment(sealBatches([batch], 1, 0));
  const head = decodeSegmentHead(segment.head);
  const entry = head.directory.find(({ name }) => name === "message");
  if (entry === undefined) return undefined;
  const column = decodeSegmentColumn(head, entry, segment.columns[0]!.parts);
  return column instanceof TemplatedTexts ? column : undefined;
}

const words = ["order", "Order", "id", "ab1", "1ab", "K", "İ", "é", "ß2", "ſ", "_", "x"];
const parts = [...words, " ", "-", "=", ".", "é", "#"];

/** Messages of a few shapes, with values that collide with words of the shapes and with each other. */
const anyMessages = fc.tuple(
  fc.array(fc.array(fc.constantFrom(...parts, "#"), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 3,
  }),
  // More texts than the dictionary of distinct ones takes.
  fc.infiniteStream(fc.constantFrom("1", "12", "ab1", "1ab", "0order", "7", "99")),
).map(([shapes, values]) =>
  Array.from({ length: 300 }, (_, i) => {
    const shape = shapes[i % shapes.length]!;
    return shape.map((part) => part === "#" ? values.next().value : part).join("") + ` n${i}`;
  })
);

const anySought = fc.array(fc.constantFrom(...words, "1", "12", " ", "-", " n1", "b"), {
  minLength: 1,
  maxLength: 4,
}).map((pieces) => pieces.join(""));

Deno.test("a literal is found in templates and values where it is found in the texts", () => {
  let templated = 0;
  const bounds = fc.record({ start: fc.boolean(), end: fc.boolean() });
  fc.assert(
    fc.property(
      anyMessages,
      fc.array(anySought, { minLength: 1, maxLength: 6 }),
      bounds,
      (messages, sought, bounds) => {
        const column = stored(messages);
        if (column === undefined) return;
        templated++;
        const rows = Uint32Array.from(messages.keys()).filter((row) => row % 3 !== 1);
        for (const text of sought) {
          const literal = literalOf(text, bounds);
          const expected = [...rows].filter((row) => {
            return containsLiteral(messages[row]!.toLowerCase(), literal);
          });
          const exact = [...rows].filter((row) => messages[row]!.includes(text));
          assert.deepEqual(
            [...new ExactMatcher(text).select(column, rows)],
            exact,
            `exactly ${text}`,
          );
          const found = new LiteralMatcher(literal).select(column, rows);
          assert.deepEqual([...found], expected, JSON.stringify({ text, bounds }));
          const plain = new LiteralMatcher(literal).select(
            packTexts(messages, messages.length),
            rows,
          );
          assert.deepEqual([...plain], expected, `plain ${JSON.stringify({ text, bounds })}`);
        }
      },
    ),
    { numRuns: 300 },
  );
  assert(templated > 100, `${templated} of the lists had templates`);
});

Deno.test("a literal is found in templates of many bytes, where the search skips to rare letters", () => {
  const letters = (n: number) => String.fromCharCode(97 + n % 24, 97 + Math.floor(n / 24) % 24);
  const messages = Array.from({ length: 4000 }, (_, i) => {
    const shape = `${letters(i % 500)} ${"the shape of a message goes on ".repeat(2)}${
      letters(i % 500)
    }`;
    return `${shape} n=${i} ${i % 977 === 5 ? "quiz" : "id"} ${(i * 65537) % 99_991}qz7`;
  });
  const column = stored(messages)!;
  assert(column.templates.bytes.length > 30_000);
  const rows = Uint32Array.from(messages.keys());
  for (const text of ["quiz", "qui", "iz 1", "quiz 9", "z7", "93qz7", "n=5 quiz", "zz"]) {
    const literal = literalOf(text, { start: false, end: false });
    const expected = messages.flatMap((message, row) => message.includes(text) ? [row] : []);
    assert.deepEqual([...new LiteralMatcher(literal).select(column, rows)], expected, text);
  }
});
