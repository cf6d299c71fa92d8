import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import type { HubClient } from "./client.ts";

const PUBLIC_HUB = "https://huggingface.co";

/** The hub that the environment names, with the token that the Python libraries would use. */
export async function hubFromEnvironment(environment: NodeJS.ProcessEnv): Promise<HubClient> {
  const { HF_ENDPOINT, HF_HUB_OFFLINE } = environment;
  if (HF_HUB_OFFLINE && HF_HUB_OFFLINE !== "0") {
    throw new UserError("models pull", {
      expected: "a network that may be used",
      got: `HF_HUB_OFFLINE=${HF_HUB_OFFLINE}`,
      fix: "unset HF_HUB_OFFLINE",
    });
  }
  const endpoint = (HF_ENDPOINT || PUBLIC_HUB).replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(endpoint) || !URL.canParse(endpoint)) {
    throw new UserError("HF_ENDPOINT", { expected: "an http address", got: endpoint, fix: "unset it or correct it" });
  }
  return { endpoint, token: await tokenOf(environment) };
}

/** HF_TOKEN, or the file that `hf auth login` writes. */
async function tokenOf({ HF_TOKEN, HF_TOKEN_PATH, HF_HOME }: NodeJS.ProcessEnv): Promise<string | null> {
  const file = HF_TOKEN_PATH ?? join(HF_HOME ?? join(homedir(), ".cache", "huggingface"), "token");
  const token = (HF_TOKEN || (await readFile(file, "utf8").catch(() => ""))).trim();
  if (/^[\x21-\x7e]*$/.test(token)) return token || null;
  throw new UserError("HF_TOKEN", { expected: "a token", got: "text with spaces or other signs", fix: "set it again" });
}
