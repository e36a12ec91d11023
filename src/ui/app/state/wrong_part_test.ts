import assert from "node:assert/strict";
import { wrongPart } from "./wrong_part.ts";

Deno.test("wrongPart() is the term at the offset, to where it ends", () => {
  const cases: [q: string, offset: number, part: string][] = [
    ['a "never closed', 2, '"never closed'],
    ['a "never closed\\', 2, '"never closed\\'],
    ['timeout /a(/ "quoted"', 8, "/a(/"],
    ["/[/i more", 0, "/[/i"],
    ["/open \\/ more", 0, "/open \\/ more"],
    ['"say \\"hi\\"" more', 0, '"say \\"hi\\""'],
    ['"a"b c', 3, "b"],
    ["a*b c", 1, "*b"],
    ["a -", 3, "-"],
    ["attr.x: b", 7, " "],
    ["", 0, ""],
  ];
  for (const [q, offset, part] of cases) {
    const [start, end] = wrongPart(q, offset);
    assert.equal(q.slice(start, end), part, q);
  }
});
