import assert from "node:assert/strict";
import { chooseType } from "./accept.ts";

const OFFERS = ["application/json", "application/x-ndjson", "text/csv"] as const;

Deno.test("chooseType() gives the offer that the client likes best, the first of equals", () => {
  const cases: [string | null, string | undefined][] = [
    [null, "application/json"],
    ["", "application/json"],
    ["*/*", "application/json"],
    ["text/csv", "text/csv"],
    ["TEXT/CSV;header=present", "text/csv"],
    ["text/*", "text/csv"],
    ["application/*", "application/json"],
    ["application/x-ndjson, application/json;q=0.9", "application/x-ndjson"],
    ["application/json;q=0.5, text/csv; q=0.8", "text/csv"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json"],
    ["application/json;q=0, */*", "application/x-ndjson"],
    ["text/html", undefined],
    ["application/json;q=0", undefined],
    ["application/json;q=x", undefined],
    [",;,", undefined],
  ];
  for (const [header, type] of cases) assert.equal(chooseType(header, OFFERS), type, `${header}`);
});
