import assert from "node:assert/strict";
import fc from "fast-check";
import { planDay, QUARTERS } from "./day_plan.ts";
import { World } from "./world.ts";

const options = { seed: 7, cell: 0, slotsPerDay: 7_200 };

Deno.test("World gives the same orders for the same seed, in any order of asking", () => {
  const forwards = new World(options);
  const backwards = new World(options);
  const numbers = Array.from({ length: 200 }, (_, index) => index * 37);
  const orders = numbers.map((number) => forwards.order(number));
  const again = numbers.toReversed().map((number) => backwards.order(number)).toReversed();
  assert.deepEqual(again, orders);
});

Deno.test("World gives other orders for another seed and for another cell", () => {
  const { traceId } = new World(options).order(5);
  assert.notEqual(new World({ ...options, seed: 8 }).order(5).traceId, traceId);
  assert.notEqual(new World({ ...options, seed: 7 + 2 ** 40 }).order(5).traceId, traceId);
  assert.notEqual(new World({ ...options, cell: 1 }).order(5).traceId, traceId);
});

Deno.test("World.slotsBefore() is the inverse of World.dayTimeOf()", () => {
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.double({ min: 0.5, max: 1e6, noNaN: true }),
      fc.nat(),
      (slot, slotsPerDay, seed) => {
        const world = new World({ seed, cell: 0, slotsPerDay });
        const time = world.dayTimeOf(slot);
        assert.equal(world.slotsBefore(time), slot);
        assert.ok(world.dayTimeOf(slot + 1) > time);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("World asks for exactly a day's records in a day", () => {
  const world = new World(options);
  assert.deepEqual([0, 1, 2, 10].map((day) => world.slotsBefore(day)), [0, 7_200, 14_400, 72_000]);
});

Deno.test("planDay() has quiet nights, busy evenings and several incidents", () => {
  for (let seed = 0; seed < 50; seed++) {
    const { shareBefore, trouble } = planDay(seed, 3);
    // Days start at 08:00: quarters 48 to 55 are 20:00 to 22:00, 72 to 79 are 02:00 to 04:00.
    const share = (from: number, to: number) => shareBefore[to]! - shareBefore[from]!;
    assert.ok(share(48, 56) > 4 * share(72, 80));
    assert.ok(new Set(trouble).size >= 4, `incidents of seed ${seed}: ${new Set(trouble)}`);
    const calm = trouble.filter((cause) => cause === 0).length;
    assert.ok(calm > QUARTERS / 2, `calm quarters of seed ${seed}: ${calm}`);
  }
});

Deno.test("planDay() lets the first day's first incident come within its first half hour", () => {
  for (let seed = 0; seed < 50; seed++) {
    assert.equal(planDay(seed, 0).trouble.findIndex((cause) => cause !== 0), 2);
  }
});

Deno.test("World has an incident of the payment provider fail more orders than a calm hour", () => {
  const world = new World({ ...options, slotsPerDay: 100_000 });
  const failed = { calm: 0, trouble: 0 };
  const all = { calm: 0, trouble: 0 };
  for (let number = 0; number < 200_000; number += 7) {
    const order = world.order(number);
    if (order.trouble !== "none" && order.trouble !== "payment provider") continue;
    const when = order.trouble === "none" ? "calm" : "trouble";
    all[when]++;
    if (order.outcome !== "paid") failed[when]++;
  }
  assert.ok(all.trouble > 100);
  assert.ok(failed.trouble / all.trouble > 0.4);
  assert.ok(failed.calm / all.calm < 0.1);
});
