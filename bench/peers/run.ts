/** @module The comparison: everyone goes through the same parts in turn, several times. */

import { type Expected, expectedAnswers } from "../expected.ts";
import { writeGenerated } from "../generate.ts";
import { describeMachine, type Machine } from "../machine.ts";
import { QUESTIONS, questionsOf } from "../questions.ts";
import { readRecords } from "../records.ts";
import type { Figures } from "../rows.ts";
import type { Contender } from "./contender.ts";
import type { PeersOptions } from "./options.ts";
import { PARTS } from "./parts.ts";

/** What a program said when it failed may be long. */
const PROBLEM_MAX = 1000;

/** One server's figures. */
export interface ContenderReport {
  readonly name: string;
  readonly version: string;
  /** One for each round; what could not be measured is absent. */
  readonly rounds: readonly Figures[];
}

/** Everything that was measured. */
export interface PeersReport {
  readonly machine: Machine;
  /** How many were stored, and whose. */
  readonly records: number;
  readonly source: string;
  readonly rounds: number;
  /** Log Sentinel is first. */
  readonly contenders: readonly ContenderReport[];
  /** Programs that are not installed. */
  readonly missing: readonly string[];
  /** What was answered wrongly or not at all. */
  readonly problems: readonly string[];
}

/** Someone who is here, and what was measured so far. */
interface Entrant {
  readonly contender: Contender;
  readonly version: string;
  readonly rounds: Record<string, number>[];
}

/**
 * Measures everyone who is installed. What goes wrong with one server is a problem of the report, not the end of it.
 *
 * @throws {Error} the records cannot be had
 */
export async function runPeers(options: PeersOptions): Promise<PeersReport> {
  const { contenders, rounds, file, directory, progress } = options;
  const { entrants, missing } = await findEntrants(contenders);
  if (missing.length > 0) progress(`not found: ${missing.join(", ")}`);
  progress(`beside each other: ${entrants.map(({ contender }) => contender.name).join(", ")}`);
  const records = file ?? `${directory}/records.ndjson`;
  if (file === undefined) await generate(records, options.records);
  const expected = expect(records, options);
  const problems = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const { rounds } of entrants) rounds.push({});
    await runRound(round, entrants, { options, expected, file: records }, problems);
  }
  return {
    machine: await describeMachine(),
    records: expected.records,
    source: file ?? "generated",
    rounds,
    contenders: entrants.map(({ contender: { name }, version, rounds }) => {
      return { name, version, rounds };
    }),
    missing,
    problems: [...problems],
  };
}

async function findEntrants(contenders: readonly Contender[]) {
  const entrants: Entrant[] = [];
  const missing: string[] = [];
  for (const contender of contenders) {
    const version = await contender.version();
    if (version === undefined) missing.push(contender.program);
    else entrants.push({ contender, version, rounds: [] });
  }
  return { entrants, missing };
}

async function generate(path: string, records: number): Promise<void> {
  using file = await Deno.create(path);
  await writeGenerated(records, file.writable);
}

function expect(file: string, { records, word, file: given }: PeersOptions): Expected {
  const asked = given === undefined ? QUESTIONS : questionsOf(readRecords(file, records), word);
  return expectedAnswers(readRecords(file, records), asked);
}

/** Everyone does a part before anyone does the next; who begins changes from round to round. */
async function runRound(
  round: number,
  entrants: readonly Entrant[],
  input: { options: PeersOptions; expected: Expected; file: string },
  problems: Set<string>,
): Promise<void> {
  const { directory, parts, progress } = input.options;
  const first = round % entrants.length;
  const inTurn = [...entrants.slice(first), ...entrants.slice(0, first)];
  for (const part of parts) {
    for (const { contender, rounds } of inTurn) {
      progress(`round ${round + 1}, ${part}: ${contender.name}`);
      const own = `${directory}/${part}`;
      await Deno.mkdir(own);
      const wrong: string[] = [];
      try {
        const figures = await PARTS[part]({ ...input, contender, directory: own, problems: wrong });
        Object.assign(rounds[round]!, figures);
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error));
      }
      for (const problem of wrong) {
        problems.add(`${contender.name}, ${part}: ${problem.slice(0, PROBLEM_MAX)}`);
      }
      await Deno.remove(own, { recursive: true });
    }
  }
}
