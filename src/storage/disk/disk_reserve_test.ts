import { deepEqual, equal, ok } from "node:assert/strict";
import { DiskReserve } from "./disk_reserve.ts";
import { DatabaseError } from "../errors.ts";
import { DISK_RESERVE_BYTES_MAX } from "../limits.ts";

const FULL = new DatabaseError("The database refused: database or disk is full");

Deno.test("the reserve is given up for a full disk only, and held again when there is room", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  const log: string[] = [];
  try {
    const path = `${folder}/sentinel.kv`;
    const reserve = new DiskReserve(path, (_, line) => log.push(line));
    equal(await reserve.release(FULL), false, "there is none yet");
    await reserve.hold();
    const { size } = await Deno.stat(`${path}.reserve`);
    ok(size > 0 && size <= DISK_RESERVE_BYTES_MAX);
    equal(await reserve.release(new DatabaseError("database is locked")), false);
    equal(await reserve.release(new Error("disk is full")), false, "of something else");
    equal(await reserve.release(FULL), true);
    equal(reserve.isReleased, true);
    equal(await reserve.release(FULL), false, "it is gone already");
    deepEqual([...Deno.readDirSync(folder)], []);
    await reserve.hold();
    equal(reserve.isReleased, false);
    equal((await Deno.stat(`${path}.reserve`)).size, size);
    equal(log.length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a reserve that cannot be made is said, and keeps nothing from going on", async () => {
  const log: string[] = [];
  const reserve = new DiskReserve("/proc/none/sentinel.kv", (_, line) => log.push(line));
  await reserve.hold();
  equal(reserve.isReleased, false);
  equal(log.length, 1);
});
