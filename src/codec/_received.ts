/**
 * @module Times of receipt within a segment. Records are numbered in the order in which they are accepted, and all of one
 * commit at one time: mostly, then, the time is a step function of the id, with far fewer steps than records.
 *
 * | how | what follows |
 * | --- | --- |
 * | 0 steps | their number, varint; each: signed difference of its first id, and of its time, from the step before |
 * | 1 differences | for each row the signed difference from the row before |
 */

import type { ByteReader } from "./_byte_reader.ts";
import type { ByteWriter } from "./_byte_writer.ts";

const STEPS = 0;
const DIFFERENCES = 1;

/** From `ids[i]` on, until `ids[i + 1]`, the time is `times[i]`. */
interface Steps {
  readonly ids: Float64Array;
  readonly times: Float64Array;
}

/** Writes the times of some rows, in the order of the rows. */
export function writeReceived(writer: ByteWriter, ids: Float64Array, times: Float64Array): void {
  const steps = findSteps(ids, times);
  if (steps === undefined) {
    writer.u8(DIFFERENCES);
    let last = 0;
    for (const time of times) {
      writer.signed(time - last);
      last = time;
    }
    return;
  }
  writer.u8(STEPS);
  writer.varint(steps.ids.length);
  let lastId = 0;
  let lastTime = 0;
  for (let i = 0; i < steps.ids.length; i++) {
    writer.signed(steps.ids[i]! - lastId);
    writer.signed(steps.times[i]! - lastTime);
    lastId = steps.ids[i]!;
    lastTime = steps.times[i]!;
  }
}

/** What {@linkcode writeReceived} wrote, as a function that makes the column: few readers of a head ask for it. */
export function readReceived(reader: ByteReader, ids: Float64Array): () => Float64Array {
  const how = reader.u8();
  if (how === DIFFERENCES) {
    const times = new Float64Array(ids.length);
    let last = 0;
    for (let i = 0; i < times.length; i++) times[i] = last += reader.signed();
    return () => times;
  }
  if (how !== STEPS) reader.fail(`times of receipt of kind ${how}`);
  const steps = readSteps(reader);
  if (steps.ids.length === 0 && ids.length > 0) reader.fail("no time of receipt");
  return () => expandSteps(steps, ids);
}

function expandSteps(steps: Steps, ids: Float64Array): Float64Array {
  const times = new Float64Array(ids.length);
  let step = 0;
  for (let i = 0; i < times.length; i++) {
    step = findStep(steps.ids, ids[i]!, step);
    times[i] = steps.times[step]!;
  }
  return times;
}

function readSteps(reader: ByteReader): Steps {
  const count = reader.count(2);
  const ids = new Float64Array(count);
  const times = new Float64Array(count);
  let id = 0;
  let time = 0;
  for (let i = 0; i < count; i++) {
    ids[i] = id += reader.signed();
    times[i] = time += reader.signed();
  }
  return { ids, times };
}

/** The steps that give exactly these times, or `undefined` if there are none or they are too many to pay. */
function findSteps(ids: Float64Array, times: Float64Array): Steps | undefined {
  const firstIds = new Map<number, number>();
  let lastTime = NaN;
  let lastFirst = 0;
  // A step takes about three bytes, a difference one.
  const most = 1 + ids.length / 3;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    const time = times[i]!;
    if (time === lastTime && id >= lastFirst) continue;
    const first = firstIds.get(time);
    lastTime = time;
    lastFirst = first === undefined || id < first ? id : first;
    firstIds.set(time, lastFirst);
    if (firstIds.size > most) return undefined;
  }
  const sorted = [...firstIds].sort((a, b) => a[1] - b[1]);
  const steps = {
    ids: Float64Array.from(sorted, ([, id]) => id),
    times: Float64Array.from(sorted, ([time]) => time),
  };
  let step = 0;
  for (let i = 0; i < ids.length; i++) {
    step = findStep(steps.ids, ids[i]!, step);
    if (steps.times[step] !== times[i]) return undefined;
  }
  return steps;
}

/** The last step whose first id is at most `id`, or the first step; tried first: the one found last. */
function findStep(firstIds: Float64Array, id: number, guess: number): number {
  let low = 0;
  let high = firstIds.length - 1;
  if (firstIds[guess]! <= id && (guess === high || firstIds[guess + 1]! > id)) return guess;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (firstIds[middle]! <= id) low = middle;
    else high = middle - 1;
  }
  return low;
}
