import type { VNode } from "preact";
import { KEYS } from "../state/keys.ts";
import { Modal } from "./modal.tsx";

/** What can be written in the search line. */
const SYNTAX: readonly (readonly [write: string, finds: string])[] = [
  ["timeout gateway", "both words, anywhere"],
  ['"connection refused"', "this text, as it stands"],
  ["timeout -health", "the first word without the second"],
  ["time*  *meou*", "how a word begins; a part of it"],
  ["/took \\d{4,}ms/", "a regular expression; /…/i for any case"],
  ["attr.user:alice", "a word in an attribute"],
];

/** Every key, and how to search. */
export function Help(): VNode {
  return (
    <Modal title="Keys and searching">
      <div class="help">
        <dl>
          {KEYS.map(([keys, does]) => (
            <div key={keys}>
              <dt>{keys.split("  ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <SyntaxTable />
        <p>
          Click a value at the left to include it, with Alt to exclude it. Drag over the histogram
          to zoom; the browser's Back undoes it. <a href="/docs">The API</a> can do all of this too.
        </p>
      </div>
    </Modal>
  );
}

/** The text query, by example. */
export function SyntaxTable(): VNode {
  return (
    <dl class="syntax">
      {SYNTAX.map(([write, finds]) => (
        <div key={write}>
          <dt>
            <code>{write}</code>
          </dt>
          <dd>{finds}</dd>
        </div>
      ))}
    </dl>
  );
}
