import { type RecordColumns, textAt, type TextColumn } from "../record.ts";

/**
 * An attribute's value as filters compare and facets list it: a string itself, anything else as compact JSON.
 * @param json the value as compact JSON
 */
export function attributeText(json: string): string {
  if (json.charCodeAt(0) !== 0x22) return json;
  return json.includes("\\") ? JSON.parse(json) as string : json.slice(1, -1);
}

/** Reads one attribute of some records, from its own column or from among the others. */
export class AttributeReader {
  readonly #name: string;
  /** Without one of these no JSON object has the attribute: attributes are kept as `JSON.stringify` writes them. */
  readonly #signs: readonly string[];
  readonly #own: TextColumn | undefined;
  readonly #others: TextColumn | undefined;

  /** @param values if given, the only ones that are looked for: a row with another may seem to lack the attribute */
  constructor(columns: Pick<RecordColumns, "texts">, name: string, values?: readonly string[]) {
    this.#name = name;
    const key = `${JSON.stringify(name)}:`;
    this.#signs = values?.flatMap((value) => [key + value, key + JSON.stringify(value)]) ?? [key];
    this.#own = columns.texts.get(`attr.${name}`);
    this.#others = columns.texts.get("attributes");
  }

  /** The row's value as {@linkcode attributeText} gives it, or `undefined` if the row lacks the attribute. */
  text(row: number): string | undefined {
    if (this.#own !== undefined) {
      const json = textAt(this.#own, row);
      if (json !== "") return attributeText(json);
    }
    return this.#others === undefined ? undefined : this.#fromObject(textAt(this.#others, row));
  }

  #fromObject(json: string): string | undefined {
    if (!this.#signs.some((sign) => json.includes(sign))) return undefined;
    const attributes = JSON.parse(json) as Record<string, unknown>;
    // The key may have been that of an object inside, or part of a string.
    if (!Object.hasOwn(attributes, this.#name)) return undefined;
    const value = attributes[this.#name];
    return typeof value === "string" ? value : JSON.stringify(value);
  }
}
