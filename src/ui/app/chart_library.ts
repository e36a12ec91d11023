/** @module The drawing library as a file of its own, `dist/chart.js`: see `histogram/library.ts`. */

export { default } from "uplot";
