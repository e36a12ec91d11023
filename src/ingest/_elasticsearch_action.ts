import type { Members } from "./_lenient_attributes.ts";
import type { ParseJson } from "./_lenient_json.ts";
import { type BulkItem, refusedItem } from "./elasticsearch_answers.ts";
import { BadBodyError } from "./errors.ts";
import { CAUSE_CHARS_MAX } from "./limits.ts";

const OPERATIONS = ["create", "index", "update", "delete"] as const;

/** An action line. */
export interface BulkAction {
  readonly operation: typeof OPERATIONS[number];
  readonly index: string | undefined;
  /** What becomes attributes: `_id` and `routing`. */
  readonly metadata: Members;
}

/** The metadata that says something of the document; the rest are instructions to a database. */
const KEPT_METADATA = ["_id", "routing"];

/** @throws {BadBodyError} the line is no action */
export function readAction(
  text: string,
  line: number,
  defaultIndex: string | undefined,
  parse: ParseJson,
): BulkAction {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw badAction(line, `is not valid JSON: ${cause.message.slice(0, CAUSE_CHARS_MAX)}`);
  }
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const [operation, parameters] = members[0] ?? [];
  const known = OPERATIONS.find((name) => name === operation);
  const isObject = typeof parameters === "object" && parameters !== null;
  if (known === undefined || members.length !== 1 || !isObject || Array.isArray(parameters)) {
    throw badAction(line, `is ${JSON.stringify(text.slice(0, 60))}`);
  }
  const given = parameters as Members;
  const metadata: Members = {};
  for (const name of KEPT_METADATA) {
    if (Object.hasOwn(given, name) && given[name] !== null) metadata[name] = given[name];
  }
  const index = typeof given._index === "string" ? given._index : defaultIndex;
  return { operation: known, index, metadata };
}

function badAction(line: number, found: string): BadBodyError {
  return new BadBodyError(
    `Malformed action/metadata line [${line}]: it ${found.toWellFormed()}; expected an object ` +
      `with "create" or "index"`,
  );
}

/** What is answered to an operation that stores nothing. */
export function refusedOperation({ operation }: BulkAction): BulkItem {
  const reason = `"${operation}" changes nothing here: logs are only added; use "create"`;
  return refusedItem(operation, "illegal_argument_exception", reason);
}
