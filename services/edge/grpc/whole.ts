/** Messages have whole milliseconds, and what the services say may have parts of one. Pure. */
export function whole(ms: number): number {
  return Math.floor(ms)
}

/** The same of what need not be there. Pure. */
export function wholeOrNone(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : whole(ms)
}
