import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../core/index.ts";

const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const unwritable = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST"]);

/**
 * What a failed write means to the user: a full disk or a place that cannot be written to is theirs to mend, anything
 * else is thrown as it came. `bytes` is what the write needed as far as known.
 */
export function diskFault(error: unknown, path: string, bytes: number): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  if (full.has(code)) {
    return new UserError(path, {
      expected: `${megabytes(bytes)} of free disk space`,
      got: `${code === "ENOSPC" ? "a full disk" : "a full quota or file size limit"} (${code}${freeSpace(path)})`,
      fix: "free some space or choose a folder on another disk; what was finished before is kept",
    });
  }
  if (unwritable.has(code)) {
    return new UserError(path, {
      expected: "a place that can be written to",
      got: code,
      fix: "choose another folder or mend its permissions",
    });
  }
  return error;
}

function freeSpace(path: string): string {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return `, ${megabytes(bavail * bsize)} free`;
  } catch {
    // Only decorates the message: a disk that cannot be asked must not hide the fault that is being told.
    return "";
  }
}

function megabytes(bytes: number): string {
  return `${Math.max(bytes / 1e6, 0.1).toFixed(1)} MB`;
}
