/** @module The command line's public surface. */
export { execute, runCli } from "./run_cli.ts";
export { systemTerminal, type Terminal } from "./terminal.ts";
