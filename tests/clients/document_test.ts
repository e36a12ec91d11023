import assert from "node:assert/strict";
import { join, PROJECT } from "../_server.ts";
import { headings } from "./_snippet.ts";

Deno.test("every block of docs/clients.md is one that a test runs", async () => {
  const tests: string[] = [];
  for await (const { name } of Deno.readDir(join(PROJECT, "tests/clients"))) {
    if (name.endsWith("_test.ts")) {
      tests.push(await Deno.readTextFile(join(PROJECT, `tests/clients/${name}`)));
    }
  }
  const text = tests.join("\n");
  const documented = headings();
  assert.ok(documented.length > 25, `${documented.length} blocks`);
  for (const heading of documented) {
    assert.ok(text.includes(`snippet("${heading}"`), `No test runs the block below "${heading}"`);
  }
});
