/** Which keys of tracks are remembered however long ago they were seen: the tracker may find those again. */
export type KnownKeys = ReadonlySet<number>
/** What is remembered of others is forgotten so long after they were seen. Milliseconds. */
const FORGET_MS = 310_000

/** What is remembered by the key of a track, without those that can't come back. Pure. */
export function withoutForgotten<Memory extends { seenMs: number }>(
  before: Readonly<Record<string, Memory>>,
  atMs: number,
  known: KnownKeys,
): Record<string, Memory> {
  const kept: Record<string, Memory> = {}
  for (const [key, memory] of Object.entries(before))
    if (atMs - memory.seenMs <= FORGET_MS || known.has(Number(key))) kept[key] = memory
  return kept
}
