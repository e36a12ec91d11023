/**
 * @module Kills the real server under load, again and again, and checks after each restart that everything acknowledged
 * is there once, that nothing is there in part, that deletions hold, and that no id is used twice.
 */

import assert from "node:assert/strict";
import { say, spawnServer, TestServer, withFolder } from "../_server.ts";
import { Ledger } from "./_ledger.ts";
import { Load, send } from "./_load.ts";
import { Random } from "../_random.ts";

/** How much to kill. */
export interface KillRun {
  readonly kills: number;
  /** Determines what is sent and when it is killed, as far as the machine lets it. */
  readonly seed: number;
  /** Tells about every so many kills. */
  readonly reportEvery?: number;
}

/** A kill comes after up to so many answers: some lives are too short for a flush, some see several. */
const ANSWERS_MAX = 60;
/** The answer after which a kill comes is an event of the server's; this shifts the kill into what follows it. */
const SHIFT_MS_MAX = 12;
/** As often a server is killed while it starts. A start takes about so long. */
const START_KILLS = 0.2;
const START_MS = 350;

/** Runs it. */
export async function killRun({ kills, seed, reportEvery }: KillRun): Promise<void> {
  const random = new Random(seed);
  await withFolder(async (dir) => {
    const ledger = new Ledger();
    let server = await TestServer.start({ dir });
    for (let kill = 1; kill <= kills; kill++) {
      await killUnderLoad(server, ledger, random);
      while (kill < kills && random.chance(START_KILLS)) {
        await killAtStart(dir, random);
        kill++;
      }
      server = await server.restart({ port: 0 });
      await ledger.verify(server);
      await sendAgain(server, ledger);
      if (reportEvery !== undefined && kill % reportEvery === 0) {
        say(`${kill} kills: ${await summary(server, ledger)}`);
      }
    }
    await ledger.verify(server);
    ledger.checkIds();
    const version = await server.figure("store_version");
    assert.ok(version >= kills / 5, `${version} publications are too few to be hit by a kill`);
    assert.ok(ledger.deletedRecords > 0, "Nothing was deleted");
    await server.stop();
  });
}

async function killUnderLoad(server: TestServer, ledger: Ledger, random: Random): Promise<void> {
  const load = new Load(server, ledger, random);
  await load.answered(random.integer(1, ANSWERS_MAX));
  await moment(random.next() * SHIFT_MS_MAX);
  await server.kill();
  await load.ended();
}

async function killAtStart(dir: string, random: Random): Promise<void> {
  const { child } = spawnServer({ dir });
  await moment(random.next() * START_MS);
  child.kill("SIGKILL");
  await child.status;
}

/** Lets a moment pass that nothing tells: a kill has to come at any. */
function moment(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A request that had no answer and a key is sent again, as any client would: then it is there once. */
async function sendAgain(server: TestServer, ledger: Ledger): Promise<void> {
  const idBefore = ledger.idSeenMax;
  for (const batch of ledger.unanswered.splice(0)) await send(server, ledger, batch, idBefore);
}

async function summary(server: TestServer, ledger: Ledger): Promise<string> {
  const { acknowledgedBatches, acknowledgedRecords, deletedRecords, foundUnasked } = ledger;
  const version = await server.figure("store_version");
  return `${acknowledgedBatches} batches with ${acknowledgedRecords} records acknowledged, ${foundUnasked} found ` +
    `whole without an answer, ${deletedRecords} records deleted, ${version} publications`;
}
