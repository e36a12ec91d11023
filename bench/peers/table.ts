/** @module The comparison as Markdown. */

import { align, number } from "../table.ts";
import { LOADED_RATE, loadedKey } from "./loaded.ts";
import { PEER_ROWS, type PeerRow, QUERY_ROWS } from "./rows.ts";
import type { ContenderReport, PeersReport } from "./run.ts";
import { medianOf, ratioOf } from "./summary.ts";

/** The whole report as text, without a line break at its end. */
export function renderPeers(report: PeersReport): string {
  const { contenders, missing, problems } = report;
  const [own, ...peers] = contenders;
  if (own === undefined) return "Nothing was measured.";
  return [
    describe(report),
    "",
    ...align(comparison(own, peers)),
    "",
    "Medians of the rounds; Flask gets single records over 8 connections. In parentheses: Log Sentinel's figure divided by this one, the median of the rounds' ratios.",
    ...peers.map((peer) => behind(own, peer)),
    "",
    `Queries beside a load of ${
      number(LOADED_RATE)
    } records/s; in parentheses: divided by the server's own idle time.`,
    "",
    ...align(loaded(contenders)),
    ...(missing.length === 0 ? [] : ["", `Not found: ${missing.join(", ")}.`]),
    ...problems.map((problem) => `WRONG: ${problem}`),
  ].join("\n");
}

function describe({ machine, contenders, records, source, rounds }: PeersReport): string {
  const { deno, system, processors, processor, memoryGib } = machine;
  const names = contenders.map(({ name, version }) => `${name} ${version}`).join(", ");
  return `${names}; ${number(records)} records (${source}), rounds: ${rounds}; Deno ${deno}, ` +
    `${system}, ${processors} × ${processor}, ${memoryGib ?? "?"} GiB`;
}

function comparison(own: ContenderReport, peers: readonly ContenderReport[]): string[][] {
  const head = ["", "unit", own.name, ...peers.map(({ name }) => name)];
  const lines = PEER_ROWS.map(({ key, label, unit }) => {
    const compared = peers.map((peer) => {
      return cell(medianOf(peer.rounds, key), ratioOf(own.rounds, key, peer.rounds));
    });
    return [label, unit, number(medianOf(own.rounds, key)), ...compared];
  });
  return [head, ...lines];
}

function loaded(contenders: readonly ContenderReport[]): string[][] {
  const head = ["", "unit", ...contenders.map(({ name }) => name)];
  const rates = contenders.map(({ rounds }) => number(medianOf(rounds, "loaded_rate")));
  const lines = QUERY_ROWS.map(({ key, label, unit }) => {
    const cells = contenders.map(({ rounds }) => {
      return cell(
        medianOf(rounds, loadedKey(key)),
        ratioOf(rounds, loadedKey(key), rounds, key),
      );
    });
    return [label, unit, ...cells];
  });
  return [head, ["records taken meanwhile", "records/s", ...rates], ...lines];
}

/** The lines in which the other is better, the worst first. */
function behind(own: ContenderReport, peer: ContenderReport): string {
  const compared = PEER_ROWS.flatMap((row) => {
    const ratio = ratioOf(own.rounds, row.key, peer.rounds);
    return ratio === undefined ? [] : { row, ratio };
  });
  const lost = compared.filter(({ row, ratio }) => !leads(row, ratio));
  if (lost.length === 0) return `Ahead of ${peer.name} on each of ${compared.length} lines.`;
  const distance = ({ ratio }: { ratio: number }) => Math.abs(Math.log(ratio));
  const texts = lost.toSorted((a, b) => distance(b) - distance(a))
    .map(({ row, ratio }) => `${row.key} (${ratio.toFixed(2)})`);
  return `Behind ${peer.name} in ${lost.length} of ${compared.length} lines: ${texts.join(", ")}.`;
}

function leads({ better }: PeerRow, ratio: number): boolean {
  return better === "more" ? ratio >= 1 : ratio <= 1;
}

function cell(value: number | undefined, ratio: number | undefined): string {
  return ratio === undefined ? number(value) : `${number(value)} (${ratio.toFixed(2)})`;
}
