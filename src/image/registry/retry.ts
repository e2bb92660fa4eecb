import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../errors/errno.ts";
import { TspodError } from "../../errors/tspod-error.ts";

export interface RetryOptions {
  /** Failures in a row before giving up. */
  attempts: number;
  /** The first pause; each further one is twice as long, up to 16 times this. */
  baseMs: number;
}

export const DEFAULT_RETRY: RetryOptions = { attempts: 7, baseMs: 500 };

const MAX_PAUSES = 16;
const MAX_RETRY_AFTER_S = 60;

/** A registry's answer that may be another one a little later. */
export class TransientError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfter?: string) {
    super(message);
    const seconds = Number(retryAfter);
    this.retryAfterMs =
      Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_S) * 1000 : undefined;
  }
}

/**
 * Runs `attempt` until it succeeds. What a registry says with certainty (denied, not there, wrong digest) is told at
 * once; broken connections and overload are tried again, and an attempt that got further starts the count anew.
 */
export async function retrying<T>(
  options: RetryOptions,
  attempt: () => Promise<T>,
  gotFurther: () => boolean = () => false,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (gotFurther()) failures = 1;
      if (failures >= options.attempts) throw error;
      const pause = Math.min(2 ** (failures - 1), MAX_PAUSES) * options.baseMs;
      // A little chance, so that many who failed together do not come again together.
      const jittered = pause * (0.75 + Math.random() / 2);
      await sleep(error instanceof TransientError ? (error.retryAfterMs ?? jittered) : jittered);
    }
  }
}

const FINAL_CODES =
  /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_INVALID|ERR_SSL|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EPROTO|ENOSPC|EROFS|EDQUOT|EACCES|ERR_TOO_LONG|HPE_)/;

function isTransient(error: unknown): boolean {
  if (error instanceof TspodError) return false;
  if (error instanceof TransientError) return true;
  const code = codeOf(error);
  return typeof code === "string" && !FINAL_CODES.test(code);
}
