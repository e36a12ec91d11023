import { utf8Length } from "../record.ts";
import { shortenMembers } from "./_lenient_shorten.ts";

/** An attribute: its name, and its value as compact JSON. */
export type Member = readonly [name: string, json: string];

/** Where members go that are too many. */
const MORE_NAME = "more_attributes";

/**
 * The members within limits, the same array if they are already. Those that are too many go into one object, objects and
 * arrays among them as their JSON text, so that it is no deeper than they were; then the longest values are cut, and
 * `attributes_truncated_bytes` says by how many bytes.
 * @param members of names that differ
 */
export function limitMembers(
  members: readonly Member[],
  namesMax: number,
  bytesMax: number,
): readonly Member[] {
  const few = members.length > namesMax ? gatherMore(members, namesMax) : members;
  let bytes = 1;
  for (const [name, json] of few) bytes += utf8Length(JSON.stringify(name)) + utf8Length(json) + 2;
  if (bytes <= bytesMax) return few;
  // One name less, for the one that says what was cut.
  const room = few.length === namesMax ? gatherMore(members, namesMax - 1) : few;
  const shortened = shortenMembers(room.map(([name, json]) => [name, json]), bytesMax);
  return Object.entries(JSON.parse(shortened)).map(([name, value]) => [
    name,
    JSON.stringify(value),
  ]);
}

/** The members as a JSON object. */
export function membersText(members: readonly Member[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}

function gatherMore(members: readonly Member[], namesMax: number): Member[] {
  const kept = members.slice(0, namesMax - 1);
  const rest = members.slice(namesMax - 1).map(([name, json]) => {
    const nested = json.startsWith("{") || json.startsWith("[");
    return `${JSON.stringify(name)}:${nested ? JSON.stringify(json) : json}`;
  });
  const names = new Set(kept.map(([name]) => name));
  let moreName = MORE_NAME;
  for (let i = 1; names.has(moreName); i++) moreName = `${MORE_NAME}_${i}`;
  kept.push([moreName, `{${rest.join(",")}}`]);
  return kept;
}
