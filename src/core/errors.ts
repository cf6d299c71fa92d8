/** What a `UserError` tells: the subject, what was expected, what was found, and one way to mend it. */
export interface UserFault {
  readonly subject: string;
  readonly expected: string;
  readonly got: string;
  /** One command, or the valid names. */
  readonly fix: string;
}

/**
 * A mistake of the user's: printed as one line without a trace, exit code 2.
 * Anything else that is thrown is our fault and keeps its trace, exit code 1.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly fault: UserFault;

  constructor(subject: string, fault: Omit<UserFault, "subject">) {
    super(`${subject}: expected ${fault.expected}, got ${fault.got}; fix: ${fault.fix}`);
    this.fault = { subject, ...fault };
  }
}

/** Thrown where an `AbortSignal` asked to stop; what was finished before is kept. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
  constructor(what: string) {
    super(`${what} was cancelled`);
  }
}
