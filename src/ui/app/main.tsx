/*! Contains Preact and @preact/signals (MIT, Jason Miller and the Preact team) and uPlot (MIT, Leon Sorokin). */
import { somethingToShow } from "./begin.ts";
import { render } from "preact";
import { App } from "./app.tsx";

await somethingToShow;
render(<App />, document.getElementById("app")!);
