/** The plain words and phrases of a text query that a message must contain: what is worth marking in it. */
export function searchedTexts(q: string): string[] {
  const texts: string[] = [];
  // A term: optionally excluded, optionally within an attribute, then a phrase, an expression or a run without spaces.
  const term =
    /(-?)((?:attr\.(?:"(?:[^"\\]|\\.)*"|[^\s:"]+):)?)("(?:[^"\\]|\\.)*"?|\/(?:[^/\\]|\\.)*\/?i?|\S+)/g;
  for (const [, not, attribute, body] of q.matchAll(term)) {
    if (not !== "" || attribute !== "" || body!.startsWith("/")) continue;
    const text = body!.startsWith('"')
      ? body!.replace(/^"|"$/g, "").replace(/\\(["\\])/g, "$1")
      : body!.replace(/^\*|\*$/g, "");
    if (text !== "") texts.push(text);
  }
  return texts;
}

/** An expression that finds what a text query is looking for; `undefined` if there is nothing plain to find. */
export function highlightPattern(q: string): RegExp | undefined {
  const texts = searchedTexts(q);
  if (texts.length === 0) return undefined;
  const escaped = texts.sort((a, b) => b.length - a.length).map((text) => RegExp.escape(text));
  return new RegExp(escaped.join("|"), "giu");
}

/** A text cut where the pattern begins and ends to match; every second piece, from the second on, is a match. */
export function cutAtMatches(text: string, pattern: RegExp | undefined): string[] {
  if (pattern === undefined) return [text];
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "") continue;
    pieces.push(text.slice(from, match.index), match[0]);
    from = match.index + match[0].length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
