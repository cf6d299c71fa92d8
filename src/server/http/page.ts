/** The web page: a few files of the package, read once. They hold no data and need no key. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assetFolder } from "../../jobs/index.ts";
import type { Api } from "./context.ts";
import { PAGE_POLICY } from "./security.ts";

const FILES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  ...Object.fromEntries(
    ["app", "api", "charts", "chat", "dom", "job", "new-job"].map((name) => [
      `/page/${name}.js`,
      { file: `${name}.js`, type: "text/javascript; charset=utf-8" },
    ]),
  ),
  "/page/style.css": { file: "style.css", type: "text/css; charset=utf-8" },
  "/page/icon.svg": { file: "icon.svg", type: "image/svg+xml" },
};

export function pageRoutes(app: Api): void {
  const folder = assetFolder("web");
  for (const [path, { file, type }] of Object.entries(FILES)) {
    const contents = readFileSync(join(folder, file), "utf8");
    app.get(path, (c) =>
      c.body(contents, 200, {
        "content-type": type,
        "content-security-policy": PAGE_POLICY,
        "cache-control": "no-cache",
      }),
    );
  }
}
