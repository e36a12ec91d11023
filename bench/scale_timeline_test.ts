import { deepEqual, equal, ok } from "node:assert/strict";
import { RARE_WORD } from "./_templates.ts";
import {
  BATCH_RECORDS,
  placeOfTime,
  rareBelow,
  RECORDS_A_DAY,
  TIMELINE_START_MS,
  timelineBatch,
  timeOfPlace,
} from "./scale_timeline.ts";

Deno.test("timelineBatch() gives a batch its own records, whatever was made before it", () => {
  const seventh = [...timelineBatch(7)];
  deepEqual([...timelineBatch(7)], seventh);
  equal(seventh.length, BATCH_RECORDS);
  const others = new Set([...timelineBatch(8)].map(({ message }) => message));
  ok(seventh.filter(({ message }) => others.has(message)).length < 5);
});

Deno.test("timeOfPlace() spreads five million records over each day, in order", () => {
  equal(timeOfPlace(0), TIMELINE_START_MS);
  equal(timeOfPlace(RECORDS_A_DAY) - TIMELINE_START_MS, 86_400_000);
  ok(timeOfPlace(RECORDS_A_DAY - 1) < timeOfPlace(RECORDS_A_DAY));
});

Deno.test("placeOfTime() gives the first place at or after a moment", () => {
  for (const ms of [0, 1, 17, 18, 35, 86_399_999, 86_400_000].map((at) => TIMELINE_START_MS + at)) {
    const place = placeOfTime(ms);
    ok(timeOfPlace(place) >= ms, `${ms}`);
    ok(place === 0 || timeOfPlace(place - 1) < ms, `${ms}`);
  }
});

Deno.test("rareBelow() counts the records that hold the rare word", () => {
  const batches = Array.from({ length: 70 }, (_, i) => i);
  let found = 0;
  for (const batch of batches) {
    equal(rareBelow(batch * BATCH_RECORDS), found);
    found += [...timelineBatch(batch)].filter(({ message }) => message.includes(RARE_WORD)).length;
  }
  equal(found, 2);
});
