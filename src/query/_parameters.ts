import { InvalidParameterError } from "./errors.ts";

/** So much of a bad value is quoted: enough to recognise it. */
const QUOTED_UNITS_MAX = 80;

/** The error that a parameter cannot be used; `what` says what was found and what would be right. */
export function badParameter(name: string, what: string): InvalidParameterError {
  return new InvalidParameterError(`Cannot use parameter ${quote(name)}: ${what}`);
}

/** A text in quotes, cut if it is long. */
export function quote(text: string): string {
  if (text.length <= QUOTED_UNITS_MAX) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, QUOTED_UNITS_MAX)).slice(0, -1)}…"`;
}

/**
 * The value of a parameter that may be given once, or `undefined` if it is not given.
 * @throws {InvalidParameterError} if it is given twice or is empty
 */
export function singleValue(params: URLSearchParams, name: string): string | undefined {
  const values = params.getAll(name);
  if (values.length === 0) return undefined;
  if (values.length > 1) {
    throw badParameter(name, `it is given ${values.length} times; it can be given once`);
  }
  if (values[0] === "") throw badParameter(name, "it is empty; give a value or leave it out");
  return values[0];
}

/**
 * An integer in decimal digits, or `undefined` if the parameter is not given.
 * @throws {InvalidParameterError} if it is anything else, or outside `min` to `max` (both inclusive)
 */
export function integerValue(
  params: URLSearchParams,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const text = singleValue(params, name);
  if (text === undefined) return undefined;
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw badParameter(name, `${quote(text)} is not an integer from ${min} to ${max}`);
  }
  return value;
}

/**
 * One of some words, or `undefined` if the parameter is not given.
 * @throws {InvalidParameterError} if it is another word
 */
export function choiceValue<T extends string>(
  params: URLSearchParams,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = singleValue(params, name);
  if (text === undefined) return undefined;
  const choice = choices.find((one) => one === text);
  if (choice === undefined) {
    throw badParameter(name, `${quote(text)} is neither ${choices.map(quote).join(" nor ")}`);
  }
  return choice;
}
