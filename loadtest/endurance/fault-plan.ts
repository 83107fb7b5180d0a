import { createRandom } from '../../services/agents/video/scenes/random.ts'

/** What is killed, without a warning, and started again. */
export const KILLED = ['capture', 'tracking', 'alerting', 'detection'] as const
export type Killed = (typeof KILLED)[number]

/** Something that goes wrong. `atMs` and `lastsMs` in milliseconds, `atMs` from the beginning of the run. */
export type Fault = { atMs: number } & (
  | { kind: 'outage'; camera: number; lastsMs: number }
  | { kind: 'kill'; process: Killed }
  | { kind: 'full-disk'; lastsMs: number }
)

/** Of each camera. */
const OUTAGES_PER_HOUR = 2
/** Of each process, and of the disk. */
const OTHERS_PER_HOUR = 1
/** Nothing goes wrong at the beginning and at the end: there is something to compare with, and time to be back. */
const QUIET_MS = 30_000
/** Longer than the cameras' rule waits, so that each is an incident. */
const OUTAGE_MS = { least: 7000, most: 12_000 } as const
const FULL_MS = 15_000

/**
 * What goes wrong in a run, one after the other: outages at two an hour of each camera, a kill of each process and a full disk an hour; each
 * kind once at least, so that a run of minutes has all of them. The same seed gives the same. Pure.
 * @throws RangeError where there is no room for them
 */
export function planFaults({
  durationMs,
  cameras,
  seed,
}: {
  durationMs: number
  cameras: number
  seed: number
}): Fault[] {
  const random = createRandom(seed)
  const hours = durationMs / 3_600_000
  const times = (perHour: number) => Math.max(1, Math.round(perHour * hours))
  const kinds: ((atMs: number) => Fault)[] = []
  for (let camera = 0; camera < cameras; camera++)
    for (let i = 0; i < times(OUTAGES_PER_HOUR); i++) {
      const lastsMs = Math.round(random.between(OUTAGE_MS.least, OUTAGE_MS.most))
      kinds.push((atMs) => ({ kind: 'outage', camera, lastsMs, atMs }))
    }
  for (let i = 0; i < times(OTHERS_PER_HOUR); i++) {
    for (const process of KILLED) kinds.push((atMs) => ({ kind: 'kill', process, atMs }))
    kinds.push((atMs) => ({ kind: 'full-disk', lastsMs: FULL_MS, atMs }))
  }
  const slotMs = (durationMs - 2 * QUIET_MS) / kinds.length
  if (slotMs < FULL_MS + 5000)
    throw new RangeError(
      `${kinds.length} faults need ${Math.ceil((kinds.length * 20_000 + 2 * QUIET_MS) / 60_000)} min`,
    )
  return shuffled(kinds, random).map((make, i) =>
    make(Math.round(QUIET_MS + (i + random.between(0, 0.2)) * slotMs)),
  )
}

function shuffled<Item>(items: readonly Item[], random: { int(from: number, to: number): number }): Item[] {
  const mixed = [...items]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.int(0, i)
    ;[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!]
  }
  return mixed
}
