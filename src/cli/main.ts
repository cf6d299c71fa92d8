#!/usr/bin/env node
/** The command line's entry. Whatever is heavy is imported by the command that needs it. */
import { runProgram } from "./program.ts";

process.exitCode = await runProgram(process.argv.slice(2));
