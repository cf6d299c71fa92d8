import { counted } from "../format.ts";
import { type Content, html, type Markup } from "../markup.ts";

/** What does not stand open: "10 more behaviours". Null where nothing is left. */
export const folded = (rest: readonly Content[], one: string): Markup | null =>
  rest.length > 0 ? html`<details><summary>${counted(rest.length, `more ${one}`)}</summary>${rest}</details>` : null;
