import { deepEqual, equal, throws } from "node:assert/strict";
import { expectedAnswers } from "./expected.ts";
import { type GeneratedRecord, generateRecords } from "./generate.ts";
import { QUESTIONS, questionsOf } from "./questions.ts";
import { RARE_WORD } from "./_templates.ts";

Deno.test("questionsOf() asks generated records what QUESTIONS asks them", () => {
  const records = [...generateRecords(20_000)];
  const { range, ...asked } = questionsOf(records, RARE_WORD);
  deepEqual({ ...asked, range: QUESTIONS.range }, QUESTIONS);
  equal(range.start, QUESTIONS.range.start);
  equal(range.end, new Date(Date.parse(records.at(-1)!.timestamp) + 1).toISOString());
});

Deno.test("questionsOf() asks a stranger's records for streams and an hour that they have", () => {
  const record = (minute: number, service: string): GeneratedRecord => ({
    timestamp: `2026-01-01T0${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}:00Z`,
    service,
    severity: "INFO",
    message: "all is well",
  });
  const records = [record(0, "a"), record(10, "b"), record(130, "b"), record(250, "b")];
  const asked = questionsOf(records, "well");
  deepEqual(asked.hourStream, { service: "b", severity: "INFO" });
  const expected = expectedAnswers(records, asked);
  deepEqual([expected.hour, expected.rareWord, expected.rarePart], [1, 4, 4]);
  equal(expected.newestOfStream.length > 0, true);
});

Deno.test("questionsOf() names the first record that is older than the one before it", () => {
  const [first, second] = generateRecords(2);
  throws(
    () => questionsOf([second!, first!], "x"),
    /Cannot use record 2 .*sort the records by time/,
  );
  throws(() => questionsOf([], "x"), /there are no records/);
});
