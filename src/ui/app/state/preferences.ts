import { stored } from "./stored.ts";

const flag = (value: unknown) => typeof value === "boolean" ? value : undefined;

/** Whether long messages are broken into lines. */
export const wrap = stored("wrap", false, flag);

/** Whether rows stand closer together. */
export const dense = stored("dense", true, flag);

/** Whether times are shown in UTC instead of local time. */
export const utc = stored("utc", false, flag);

/** Whether facets are shown beside the rows, where there is room. */
export const facetsShown = stored("facets", true, flag);

/** The attributes whose values are shown among the facets. */
export const openFacets = stored<readonly string[]>("open_facets", [], strings);

function strings(value: unknown): readonly string[] | undefined {
  const fits = Array.isArray(value) && value.every((item) => typeof item === "string");
  return fits ? value : undefined;
}
