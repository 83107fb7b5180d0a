import { matchesGlob } from 'node:path'

/** Live video: frames come by the clock and are decoded at a low priority, so that whatever else runs takes them away. */
const LIVE_VIDEO = [
  'test/integration/video-scenes.test.ts',
  'test/chaos/video-recovers.test.ts',
  'test/conformance/agents.conformance.test.ts',
  'test/agents/video/capture/{bad-sources,cameras,recordings,scenes}.test.ts',
]
/** What takes longest of the rest, so that none of it is left to run alone at the end. */
const LONG = [
  'test/agents/report/analysis/{null-gate,power}.test.ts',
  'test/agents/report/ingest/large/read-large-file.test.ts',
  'test/integration/*.test.ts',
  'test/loadtest/load.test.ts',
  'test/sdk/{agent-process,package}.test.ts',
  'test/chaos/*.test.ts',
  'test/edge/**/*.test.ts',
]
/** A file that one process runs alone mostly waits; after so many of them comes a group of pure code, which only computes. */
const WAITING_TO_COMPUTING = 6

/** How many of the runner's slots a group takes: live video takes the one that is there beyond the cores as well. */
export function slotsOf(files: readonly string[]): number {
  return files.some((file) => isAnyOf(LIVE_VIDEO, file)) ? 2 : 1
}

/**
 * The order in which groups begin: live video, then what is long, then the rest; those that mostly wait mixed with those that compute,
 * so that the cores have something to do throughout.
 */
export function orderGroups(groups: readonly string[][]): string[][] {
  const rank = ([file = '']: string[]) => (isAnyOf(LIVE_VIDEO, file) ? 0 : isAnyOf(LONG, file) ? 1 : 2)
  const alone = groups.filter(({ length }) => length === 1).toSorted((a, b) => rank(a) - rank(b))
  const shared = groups.filter(({ length }) => length > 1)
  const ordered: string[][] = []
  for (const [i, group] of alone.entries()) {
    ordered.push(group)
    const next = (i + 1) % WAITING_TO_COMPUTING === 0 ? shared.shift() : undefined
    if (next) ordered.push(next)
  }
  return [...ordered, ...shared]
}

function isAnyOf(patterns: readonly string[], file: string): boolean {
  return patterns.some((pattern) => matchesGlob(file, pattern))
}
