import { doesNotMatch, equal, match } from "node:assert/strict";
import type { PeersReport } from "./run.ts";
import { renderPeers } from "./table.ts";

const REPORT: PeersReport = {
  machine: {
    sentinel: "1.2.3",
    deno: "2",
    system: "linux x86_64",
    processors: 2,
    processor: "Some Processor",
    memoryGib: 8,
  },
  records: 1_000_000,
  source: "generated",
  rounds: 3,
  contenders: [
    {
      name: "Log Sentinel",
      version: "1.2.3",
      rounds: [
        { batch_1: 300_000, disk: 40, word: 10, word_loaded: 20 },
        { batch_1: 320_000, disk: 40, word: 11, word_loaded: 22 },
        { batch_1: 30_000, disk: 40, word: 90, word_loaded: 180 },
      ],
    },
    {
      name: "Peer",
      version: "v9",
      rounds: [
        { batch_1: 200_000, disk: 30, word: 20, word_loaded: 60 },
        { batch_1: 200_000, disk: 30, word: 20, word_loaded: 60 },
        { batch_1: 20_000, disk: 30, word: 200, word_loaded: 600 },
      ],
    },
  ],
  missing: ["loki"],
  problems: ["Peer, kill: it does not start"],
};

function linesOf(text: string, label: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(`| ${label}`));
}

Deno.test("renderPeers() gives medians and the ratios of rounds", () => {
  const text = renderPeers(REPORT);
  match(text, /^Log Sentinel 1\.2\.3, Peer v9; 1,000,000 records \(generated\), rounds: 3; /);
  match(linesOf(text, "ingest, batches of 1,000, 1")[0]!, / 300,000 \| +200,000 \(1\.50\) \|$/);
  const [word, loadedWord] = linesOf(text, "word");
  match(word!, / 11 \| +20 \(0\.50\) \|$/);
  match(loadedWord!, / 22 \(2\.00\) \| +60 \(3\.00\) \|$/);
});

Deno.test("renderPeers() names the lines in which a peer is better, and no others", () => {
  match(renderPeers(REPORT), /\nBehind Peer in 1 of 3 lines: disk \(1\.33\)\.\n/);
  const [own, peer] = REPORT.contenders;
  const swapped = renderPeers({ ...REPORT, contenders: [peer!, own!] });
  match(swapped, /\nBehind Log Sentinel in 2 of 3 lines: word \(2\.00\), batch_1 \(0\.67\)\.\n/);
});

Deno.test("renderPeers() says who is missing and what went wrong", () => {
  const text = renderPeers(REPORT);
  match(text, /\nNot found: loki\.\nWRONG: Peer, kill: it does not start$/);
  doesNotMatch(renderPeers({ ...REPORT, missing: [], problems: [] }), /Not found|WRONG/);
});

Deno.test("renderPeers() gives the lines of each table the same width", () => {
  const tables = renderPeers(REPORT).split("\n\n").filter((text) => text.startsWith("|"));
  equal(tables.length, 2);
  for (const table of tables) {
    equal(
      new Set(
        table.trimEnd().split("\n").filter((line) => line.startsWith("|")).map(({ length }) =>
          length
        ),
      ).size,
      1,
    );
  }
});
