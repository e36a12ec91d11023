import type { DeleteSpec } from "../storage/mod.ts";
import { badParameter, integerValue } from "./_parameters.ts";
import { instantValue, serviceValues, severityValues } from "./filters.ts";
import { type ReadScope, scopeAllows } from "./plan.ts";

const DELETION_PARAMETERS: readonly string[] = [
  "before",
  "service",
  "severity",
  "id_before",
  "at_most",
];

/**
 * Reads what a request wants deleted.
 * @param scope the services whose records may be deleted; others are left alone as if they did not match
 * @throws {InvalidParameterError} if `before` is missing, for an unknown parameter, and for a bad value
 */
export function parseDeletion(params: URLSearchParams, scope: ReadScope): DeleteSpec {
  for (const name of params.keys()) {
    if (!DELETION_PARAMETERS.includes(name)) {
      throw badParameter(name, `it is unknown; known are ${DELETION_PARAMETERS.join(", ")}`);
    }
  }
  const before = instantValue(params, "before");
  if (before === undefined) {
    throw badParameter("before", "it is missing; give the time before which records are deleted");
  }
  const services = params.has("service")
    ? serviceValues(params, "service").filter((service) => scopeAllows(scope, service))
    : scope.services;
  const severities = params.has("severity") ? severityValues(params, "severity") : undefined;
  const idBefore = integerValue(params, "id_before", 1, Number.MAX_SAFE_INTEGER);
  const countMax = integerValue(params, "at_most", 0, Number.MAX_SAFE_INTEGER);
  return {
    before,
    services,
    severities,
    ...idBefore === undefined ? {} : { idBefore },
    ...countMax === undefined ? {} : { countMax },
  };
}
