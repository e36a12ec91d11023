/**
 * Chooses what to answer with (RFC 9110 section 12.5.1): the offered media type that the client likes best, the first of
 * equals.
 *
 * @param header the `Accept` header; `null` accepts anything
 * @param offers media types in lower case, without parameters, in the server's order of preference
 * @returns `undefined` if the client takes none of them
 */
export function chooseType<T extends string>(
  header: string | null,
  offers: readonly T[],
): T | undefined {
  if (header === null || header.trim() === "") return offers[0];
  const ranges = header.toLowerCase().split(",").map(parseRange);
  let best: T | undefined;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > bestQuality) {
      best = offer;
      bestQuality = quality;
    }
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The quality that the most specific matching range gives. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  const group = `${offer.slice(0, offer.indexOf("/"))}/*`;
  for (const wanted of [offer, group, "*/*"]) {
    const range = ranges.find(({ type }) => type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
