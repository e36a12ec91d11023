import assert from "node:assert/strict";
import { encodeCursor } from "./cursor.ts";
import { InvalidParameterError } from "./errors.ts";
import { parsePaging } from "./paging.ts";

function parse(query: string) {
  return parsePaging(new URLSearchParams(query));
}

Deno.test("parsePaging() reads the newest first and no limit unless told", () => {
  assert.deepEqual(parse(""), { limit: undefined, order: "desc", cursor: undefined });
  assert.deepEqual(parse("limit=10000&order=asc"), {
    limit: 10000,
    order: "asc",
    cursor: undefined,
  });
});

Deno.test("parsePaging() takes the order from the cursor if none is given", () => {
  const position = { ms: 1, ns: 2, id: 3 };
  const cursor = encodeCursor({ order: "asc", digest: 0n, position, horizon: 9 });
  assert.equal(parse(`cursor=${cursor}`).order, "asc");
});

Deno.test("parsePaging() says what a limit can be", () => {
  assert.throws(() => parse("limit=ten"), {
    message: 'Cannot use parameter "limit": "ten" is not an integer from 1 to 10000',
  });
  for (const limit of ["0", "10001", "-1", "+1", "1e3", "1.0", " 1", "0x1", "99999999999999999"]) {
    const query = `limit=${encodeURIComponent(limit)}`;
    assert.throws(() => parse(query), InvalidParameterError, limit);
  }
});

Deno.test("parsePaging() says which orders there are", () => {
  assert.throws(() => parse("order=up"), {
    message: 'Cannot use parameter "order": "up" is neither "asc" nor "desc"',
  });
});
