import { LogqlError, LogqlSyntaxError } from "./errors.ts";
import { type Token, tokenize } from "./lexer.ts";
import { DEPTH_MAX, PARTS_MAX, QUERY_UNITS_MAX } from "./limits.ts";

/** The words of a query, one after another. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #parts = 0;

  /** @throws {LogqlError} it is too long, or has what is no word */
  constructor(source: string) {
    if (source.length > QUERY_UNITS_MAX) {
      throw new LogqlError(
        `parse error : the query has ${source.length} characters; at most ${QUERY_UNITS_MAX} are allowed`,
      );
    }
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  /** The word that comes next, or one further on; at the end always the end. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  /** Takes the next word. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === text;
  }

  /** Whether the next word is a certain name, in any case. */
  isName(text: string): boolean {
    const token = this.peek();
    return token.kind === "name" && token.text.toLowerCase() === text;
  }

  /** Takes a symbol, if it comes next. */
  accept(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#at++;
    return true;
  }

  /** Takes a name, if it comes next. */
  acceptName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.#at++;
    return true;
  }

  /** Takes a symbol. @throws {LogqlSyntaxError} another word comes next */
  expect(symbol: string): void {
    if (!this.accept(symbol)) this.fail(`expecting ${symbol}`);
  }

  /** Takes a word of a kind and gives its text. @throws {LogqlSyntaxError} another one comes next */
  take(kind: "name" | "string", what: string): string {
    if (this.peek().kind !== kind) this.fail(`expecting ${what}`);
    return this.next().text;
  }

  /** Takes a number, which may have a sign. @throws {LogqlSyntaxError} something else comes next */
  takeNumber(): number {
    const sign = this.accept("-") ? -1 : 1;
    if (sign > 0) this.accept("+");
    if (this.peek().kind !== "number") this.fail("expecting a number");
    return sign * this.next().value;
  }

  /** Names in parentheses, or none. @throws {LogqlSyntaxError} something else comes next */
  takeNames(): string[] {
    const names: string[] = [];
    this.expect("(");
    while (!this.isSymbol(")")) {
      names.push(this.take("name", "the name of a label"));
      if (!this.accept(",")) break;
    }
    this.expect(")");
    return names;
  }

  /** Runs a parser one level deeper. @throws {LogqlSyntaxError} that is too deep */
  nest<T>(parse: () => T): T {
    if (++this.#depth > DEPTH_MAX) this.fail(`more than ${DEPTH_MAX} levels within one another`);
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Counts a part of the query. @throws {LogqlSyntaxError} there are too many */
  countPart(): void {
    if (++this.#parts > PARTS_MAX) {
      this.fail(`the query has more than ${PARTS_MAX} matchers, stages and operands`);
    }
  }

  /** @throws {LogqlSyntaxError} always: what comes next is not what is right */
  fail(right: string, token: Token = this.peek()): never {
    const found = token.kind === "end" ? "end of query" : JSON.stringify(token.text);
    throw new LogqlSyntaxError(
      `syntax error: unexpected ${found}, ${right}`,
      this.#source,
      token.offset,
    );
  }

  /** @throws {LogqlSyntaxError} always: what was written has no meaning, or none here */
  refuse(what: string, token: Token = this.peek()): never {
    throw new LogqlSyntaxError(what, this.#source, token.offset);
  }
}
