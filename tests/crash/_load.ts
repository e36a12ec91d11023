import assert from "node:assert/strict";
import type { TestRequest, TestServer } from "../_server.ts";
import {
  type Batch,
  bodyOf,
  LARGE_SIZE_MAX,
  LARGE_SIZE_MIN,
  serviceOf,
  startOf,
} from "./_batch.ts";
import type { Deletion, Ledger } from "./_ledger.ts";
import type { Random } from "../_random.ts";

/** Clients that send at once. */
const CLIENTS = 6;
/** Beyond so many stored batches of either kind the oldest are deleted, so that reading all back stays quick. */
const LARGE_KEPT_MAX = 12;
const SMALL_KEPT_MAX = 60;

/** Clients that send batches and deletions to one life of a server, and note every answer. */
export class Load {
  readonly #server: TestServer;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #clients: Promise<void>[];
  readonly #waiting: { readonly answers: number; resolve(): void }[] = [];
  /** Ids of earlier lives; those of this one are all higher. */
  readonly #idBefore: number;
  #answers = 0;
  #deleting = false;

  constructor(server: TestServer, ledger: Ledger, random: Random) {
    this.#server = server;
    this.#ledger = ledger;
    this.#random = random;
    this.#idBefore = ledger.idSeenMax;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#run());
  }

  /** Resolves when so many requests were answered. */
  answered(answers: number): Promise<void> {
    return Promise.race([
      new Promise<void>((resolve) => this.#waiting.push({ answers, resolve })),
      // A client that found a fault ends, and must not leave this waiting.
      Promise.race(this.#clients),
    ]);
  }

  /** Resolves when every client has found that the server is gone. @throws what a client found wrong */
  async ended(): Promise<void> {
    await Promise.all(this.#clients);
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        if (this.#random.chance(0.08) && !this.#deleting) await this.#delete();
        else await this.#send();
        this.#count();
      }
    } catch (error) {
      // The connection is gone with the server; anything else is a finding.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #count(): void {
    this.#answers++;
    for (const { answers, resolve } of this.#waiting) if (this.#answers >= answers) resolve();
  }

  async #send(): Promise<void> {
    const random = this.#random;
    const kind = random.next();
    const large = kind < 0.2;
    const size = large
      ? random.integer(LARGE_SIZE_MIN, LARGE_SIZE_MAX)
      : kind < 0.5
      ? 1_000
      : kind < 0.6
      ? random.integer(2, 300)
      : 1;
    await send(
      this.#server,
      this.#ledger,
      this.#ledger.open(size, large, random.chance(0.4)),
      this.#idBefore,
    );
  }

  async #delete(): Promise<void> {
    const deletion = this.#choose();
    if (deletion === undefined) return await this.#send();
    this.#deleting = true;
    this.#ledger.deletion = deletion;
    const { before, service } = deletion;
    const parameters = new URLSearchParams({
      before: startOf(before),
      ...(service && { service }),
    });
    const answer = await this.#server.call(`/logs?${parameters}`, { method: "DELETE" });
    this.#ledger.deletion = undefined;
    this.#deleting = false;
    if (answer.status === 503) return;
    const count = this.#ledger.scopeOf(deletion).reduce((sum, { size }) => sum + size, 0);
    assert.deepEqual(
      [answer.status, answer.text],
      [200, `{"message":"${count} log(s) deleted"}`],
      `DELETE /logs?${parameters}`,
    );
    this.#ledger.delete(deletion);
  }

  /** Old batches, so many that not too many are left; only such whose fate is known. */
  #choose(): Deletion | undefined {
    const { batches, settledBefore } = this.#ledger;
    let large = 0;
    let small = 0;
    let before = batches.length;
    while (before > 0 && large <= LARGE_KEPT_MAX && small <= SMALL_KEPT_MAX) {
      const batch = batches[--before]!;
      if (batch.fate !== "stored") continue;
      if (batch.large) large++;
      else small++;
    }
    before = Math.min(before, settledBefore);
    const service = this.#random.chance(0.4) ? serviceOf(before) : undefined;
    return this.#ledger.scopeOf({ before, service }).length === 0 ? undefined : { before, service };
  }
}

/** Sends a batch and notes the answer; the batch's fate stays unknown if there is none. */
export async function send(
  server: TestServer,
  ledger: Ledger,
  batch: Batch,
  idBefore: number,
): Promise<void> {
  const { key } = batch;
  const request: TestRequest = {
    method: "POST",
    body: bodyOf(batch),
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
  };
  const { status, text, body } = await server.call("/logs", request);
  if (status === 503) {
    batch.fate = "absent";
    return;
  }
  assert.equal(status, 201, text);
  ledger.acknowledge(batch, body.ids, idBefore);
}
