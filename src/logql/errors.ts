import { InvalidParameterError } from "../query/mod.ts";

/** A LogQL query cannot be answered; the message is the sentence that the client gets with a 400. */
export class LogqlError extends InvalidParameterError {
  override readonly name: string = "LogqlError";
}

/** A LogQL query cannot be read; the message begins as Loki's does, with the line and the column, both from 1. */
export class LogqlSyntaxError extends LogqlError {
  override readonly name = "LogqlSyntaxError";
  /**
   * @param what was found, and what would be right
   * @param source the whole query
   * @param offset where in it, in UTF-16 units from its start
   */
  constructor(what: string, source: string, readonly offset: number) {
    const before = source.slice(0, offset);
    const line = before.split("\n").length;
    const column = offset - before.lastIndexOf("\n");
    super(`parse error at line ${line}, col ${column}: ${what}`);
  }
}
