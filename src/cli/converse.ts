/** The chat: a line in, an answer out, until the input ends. */
import { createInterface } from "node:readline";
import type { ChatMessage } from "../data/index.ts";
import { escapeTerminal } from "../report/index.ts";
import { type Asked, answer, type Sampling } from "./models.ts";
import type { Session } from "./session.ts";

/** Gives the whole conversation. `/reset` begins a new one, `/exit` or the end of the input ends it. */
export async function converse(session: Session, asked: Asked, sampling: Sampling): Promise<readonly ChatMessage[]> {
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal, prompt: "> " });
  // On a terminal readline takes Ctrl-C for itself.
  lines.on("SIGINT", () => lines.close());
  session.signal.addEventListener("abort", () => lines.close(), { once: true });
  if (terminal) process.stderr.write("A line, an answer. /reset forgets what was said, /exit ends.\n");
  const all: ChatMessage[] = [];
  let turns: ChatMessage[] = [];
  if (terminal) lines.prompt();
  for await (const line of lines) {
    const said = line.trim();
    if (said === "/exit") break;
    if (said === "/reset") turns = [];
    else if (said !== "") {
      const question: ChatMessage = { role: "user", content: said };
      const reply: ChatMessage = { role: "assistant", content: await answer(asked, [...turns, question], sampling) };
      turns = [...turns, question, reply];
      all.push(question, reply);
      if (!session.json) session.print(escapeTerminal(reply.content));
    }
    if (terminal) lines.prompt();
  }
  lines.close();
  return all;
}
