/** @module How soon an event reaches the readers of tails. */

import { processFigures } from "../../../bench/process_figures.ts";
import { Tail } from "../../api/_events.ts";
import { headOf } from "../../_raw_http.ts";
import { record } from "../../api/_records.ts";
import { type TestServer, TOKENS } from "../../_server.ts";
import { type Figure, quantile } from "./_figures.ts";

const SERVICES = 100;
/** Requests that wait for their answers. */
const IN_FLIGHT = 8;

/** One tail alone: from the acknowledgement to the event. */
export async function measureTail(server: TestServer, events: number): Promise<Figure[]> {
  const tail = await Tail.open(server, "?service=alone");
  const delays: number[] = [];
  for (let n = 0; n < events; n++) {
    const arrival = tail.take(1).then(() => performance.now());
    await server.post(record("alone"));
    const acknowledgedMs = performance.now();
    delays.push(Math.max(0, await arrival - acknowledgedMs));
  }
  await tail.close();
  return [
    { label: "an event after the acknowledgement, p50", unit: "ms", value: quantile(delays, 0.5) },
    { label: "- p99", unit: "ms", value: quantile(delays, 0.99), atMost: 100 },
  ];
}

/** A reader that costs little beside its server: it counts events, and looks into the last one of each piece. */
class Reader {
  readonly delays: number[] = [];
  events = 0;
  missed = 0;
  #conn: Deno.Conn | undefined;
  readonly #begun = Promise.withResolvers<void>();

  /** Opens a tail; resolves when it has begun. */
  async open({ port }: TestServer, query: string): Promise<void> {
    this.#conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = headOf(`GET /logs/tail${query} HTTP/1.1`, `Authorization: Token ${TOKENS.admin}`);
    await this.#conn.write(new TextEncoder().encode(head));
    void this.#read(this.#conn);
    await this.#begun.promise;
  }

  close(): void {
    this.#conn?.close();
  }

  async #read(conn: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(64 * 1_024);
    const decoder = new TextDecoder("latin1");
    try {
      for (let count; (count = await conn.read(buffer)) !== null;) {
        const text = decoder.decode(buffer.subarray(0, count));
        if (text.includes("retry: ")) this.#begun.resolve();
        this.events += text.split("event: log\n").length - 1;
        this.missed += text.split("event: missed\n").length - 1;
        const sent = /"sent_ms":([\d.]+)/.exec(text.slice(text.lastIndexOf("event: log")));
        if (sent !== null) this.delays.push(performance.now() - Number(sent[1]));
      }
    } catch (error) {
      // Closed while it was reading.
      const isOver = error instanceof Deno.errors.Interrupted ||
        error instanceof Deno.errors.BadResource;
      if (!isOver) throw error;
    }
  }
}

/** Many tails with filters of their own: from before the sending to the event, which is more than is asked for. */
export async function measureTails(
  server: TestServer,
  tails: number,
  perSecond: number,
  seconds: number,
): Promise<Figure[]> {
  const readers = Array.from({ length: tails }, () => new Reader());
  await Promise.all(
    readers.map((reader, i) => reader.open(server, `?service=s${i % SERVICES}&not_service=t${i}`)),
  );
  const before = await processFigures(server.pid);
  const begun = performance.now();
  let sent = 0;
  const answers: Promise<unknown>[] = [];
  while (sent < seconds * perSecond) {
    const batch = Array.from(
      { length: SERVICES },
      (_, n) => record(`s${n}`, { message: `request ${sent}`, sent_ms: performance.now() }),
    );
    // Not one after the other: this process has the events of all the readers to take, too.
    answers.push(server.post(batch));
    if (answers.length >= IN_FLIGHT) await answers.shift();
    sent += SERVICES;
    const aheadMs = sent / perSecond * 1_000 - (performance.now() - begun);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  await Promise.all(answers);
  const elapsed = (performance.now() - begun) / 1_000;
  const wanted = sent / SERVICES * tails;
  const received = () => readers.reduce((sum, { events }) => sum + events, 0);
  const deadline = performance.now() + 10_000;
  while (received() < wanted && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const after = await processFigures(server.pid);
  for (const reader of readers) reader.close();
  const delays = readers.flatMap((reader) => reader.delays);
  const lost = wanted - received();
  const figures: Figure[] = [
    { label: `${tails} tails: records sent`, unit: "a second", value: sent / elapsed },
    {
      label: "- an event after its record was sent, p50",
      unit: "ms",
      value: quantile(delays, 0.5),
      atMost: 100,
    },
    { label: "- p99", unit: "ms", value: quantile(delays, 0.99) },
    { label: "- events missed", unit: "", value: lost, atMost: 0 },
  ];
  if (before === undefined || after === undefined) return figures;
  const share = 100 * (after.cpuSeconds - before.cpuSeconds) / elapsed;
  return [...figures, {
    label: "- one processor's time that the server took",
    unit: "%",
    value: share,
  }];
}
