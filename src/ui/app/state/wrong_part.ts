/** A phrase or a regular expression, to its end or, unclosed, to the query's; or what has no space in it. */
const PART = /"(?:[^"\\]|\\.)*(?:"|\\?$)|\/(?:[^/\\]|\\.)*(?:\/i?|\\?$)|\S+/sy;

/** Where the part of a query begins and ends (exclusive) that is wrong at an offset, in UTF-16 units. */
export function wrongPart(q: string, offset: number): readonly [start: number, end: number] {
  // An offset at the end is about what is missing there: the last character stands for it.
  const start = Math.min(offset, Math.max(0, q.length - 1));
  PART.lastIndex = start;
  const length = PART.exec(q)?.[0].length ?? 1;
  return [start, Math.min(q.length, start + length)];
}
