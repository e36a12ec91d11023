import { deepEqual, equal, match } from "node:assert/strict";
import { DiskWatch } from "./disk_watch.ts";

const GIB = 1024 ** 3;

Deno.test("a disk with little space left is told of once, and once when it has enough again", () => {
  const log: string[] = [];
  const watch = new DiskWatch("/", () => 0, (level, line) => log.push(`${level} ${line}`));
  watch.see(1.5 * GIB, 100 * GIB);
  equal(watch.warning, undefined);
  watch.see(0.9 * GIB, 100 * GIB);
  match(watch.warning!, /^the disk of the data has 921 MiB left of 102400; when it is full/);
  watch.see(1.1 * GIB, 100 * GIB);
  watch.see(0.9 * GIB, 100 * GIB);
  watch.see(1.5 * GIB, 100 * GIB);
  equal(watch.warning, undefined);
  deepEqual(log.map((line) => line.slice(0, 30)), [
    "warning Little space: the disk",
    "info The disk of the data has ",
  ]);
});

Deno.test("a small disk is low with a twentieth of it left", () => {
  const watch = new DiskWatch("/", () => 0, () => {});
  watch.see(0.6 * GIB, 10 * GIB);
  equal(watch.warning, undefined);
  watch.see(0.4 * GIB, 10 * GIB);
  match(watch.warning!, /409 MiB left/);
});
