/** One operation in words. */
export interface Narration {
  /** What happens, in a few words: `mount proc on /proc`. */
  what: string;
  /** Why, in one sentence, for somebody who sees it the first time. */
  why: string;
  /** The system calls behind it, with their telling arguments. */
  syscalls: string[];
  /**
   * A shell command that does the same, where there is one. `$HOLDER` and `$ROOT` stand for the pod's holder and
   * the container's root.
   */
  shell?: string;
}

/** A word as a shell needs it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
