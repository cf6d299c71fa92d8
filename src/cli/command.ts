/** What a file of `commands/` is made of. */
import type { Command } from "commander";
import type { Session } from "./session.ts";

/** What a command does once its arguments are read; gives the exit code where it is not 0. */
export type Action<Arguments extends readonly unknown[]> = (
  session: Session,
  ...given: Arguments
) => Promise<number | undefined> | Promise<void>;

/** Makes an action of commander's, which is called with the command's arguments, its options and the command. */
export type Act = <Arguments extends readonly unknown[]>(
  action: Action<Arguments>,
) => (...parsed: unknown[]) => Promise<void>;

/** One file of `commands/`: adds its command to the program. */
export type Register = (program: Command, act: Act) => void;
