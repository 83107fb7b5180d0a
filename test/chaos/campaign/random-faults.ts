import type { Dice } from './dice.ts'
import { LOAD_MS } from './random-load.ts'

/** What is done to a link. See `TcpProxy`. */
export const LINK_MODES = ['drop', 'reset', 'half-open', 'mute', 'delay', 'reorder'] as const
export type LinkMode = (typeof LINK_MODES)[number]

/** All processes change to the other version, one after the other. */
export type VersionChange = 'upgrade' | 'rollback'

/** What can go wrong in a run. */
export type FaultKind =
  | 'agent-kill'
  | 'agent-stop'
  | 'agent-roll'
  | 'orchestrator-kill'
  | 'orchestrator-stop'
  | 'orchestrator-roll'
  | 'scale'
  | 'nats-kill'
  | 'nats-stop'
  | 'nats-stale'
  | 'redis-kill'
  | 'redis-stop'
  | 'redis-flush'
  | 'redis-stale'
  | 'skew'
  | 'link'
  | 'full-steps'
  | 'full-log'
  | 'rogue'
  | 'replay'
  | 'upgrade'
  | 'rollback'

export interface PlannedFault {
  kind: FaultKind
  /** When it begins. Milliseconds from the start of the load. */
  atMs: number
  /** How long it lasts; of what ends by itself, how long it goes on. Milliseconds. */
  lastsMs: number
  /** Which of the processes: counted round. */
  target: number
  /** Of a link. */
  link?: { from: 'orchestrator' | 'agent' | 'client'; to: 'nats' | 'redis'; mode: LinkMode }
  /** Of a clock: how far ahead it is. Milliseconds. */
  skewMs?: number
}

const WEIGHTS: Readonly<Record<Exclude<FaultKind, VersionChange>, number>> = {
  'agent-kill': 12,
  'agent-stop': 6,
  'agent-roll': 6,
  'orchestrator-kill': 12,
  'orchestrator-stop': 6,
  'orchestrator-roll': 5,
  scale: 3,
  'nats-kill': 11,
  'nats-stop': 3,
  'nats-stale': 3,
  'redis-kill': 11,
  'redis-stop': 3,
  'redis-flush': 5,
  'redis-stale': 4,
  skew: 4,
  link: 18,
  'full-steps': 2,
  'full-log': 2,
  rogue: 4,
  replay: 4,
}

/** How long the load of a run goes on in which versions change: so long that some of it meets every change. Milliseconds. */
export const LOAD_OF_UPGRADE_MS = 20_000

/** They change what a run is about, so nothing else happens in it. */
const ALONE: readonly FaultKind[] = ['nats-stale', 'full-steps', 'full-log']
const HOUR_MS = 3_600_000

/** The faults of a run: none, one, or two that overlap. Pure. */
export function drawFaults(dice: Dice, only?: FaultKind): PlannedFault[] {
  const count = only ? 1 : Number(dice.weighted({ 0: 4, 1: 62, 2: 34 }))
  const faults: PlannedFault[] = []
  while (faults.length < count) {
    const kind = only ?? dice.weighted(WEIGHTS)
    const isAlone = ALONE.includes(kind)
    if (faults[0] && (isAlone || sameServer(kind, faults[0].kind))) continue
    faults.push(drawFault(dice, kind, faults[0]))
    if (isAlone) break
  }
  return faults
}

/**
 * The faults of a run in which versions change: that change, and in two of three runs one more in the middle of it. Pure.
 * Nothing of it fills a log or brings an older one back: what that costs is the same with any version.
 */
export function drawVersionChange(dice: Dice, kind: VersionChange): [PlannedFault, ...PlannedFault[]] {
  const change = { kind, atMs: dice.between(1000, 3000), lastsMs: 0, target: 0 }
  if (dice.happens(1 / 3)) return [change]
  const other = dice.weighted({ ...WEIGHTS, 'nats-stale': 0, 'full-steps': 0, 'full-log': 0, skew: 0 })
  const atMs = dice.between(change.atMs, LOAD_OF_UPGRADE_MS / 2)
  return [change, { ...drawFault(dice, other, undefined), atMs }]
}

/** One server dies of one thing at a time. */
function sameServer(a: FaultKind, b: FaultKind): boolean {
  return ['nats-', 'redis-'].some((server) => a.startsWith(server) && b.startsWith(server))
}

function drawFault(dice: Dice, kind: FaultKind, first: PlannedFault | undefined): PlannedFault {
  const atMs = first
    ? dice.between(first.atMs, Math.min(LOAD_MS, first.atMs + Math.max(300, first.lastsMs)))
    : dice.between(500, LOAD_MS - 1500)
  const fault: PlannedFault = { kind, atMs, lastsMs: drawLength(dice, kind), target: dice.between(0, 99) }
  if (kind === 'link') {
    const from = dice.weighted({ orchestrator: 10, agent: 8, client: 2 })
    const to = from === 'orchestrator' && dice.happens(0.5) ? 'redis' : 'nats'
    fault.link = { from, to, mode: dice.pick(LINK_MODES) }
  }
  if (kind === 'skew') fault.skewMs = dice.pick([-HOUR_MS, HOUR_MS, -600_000, 600_000])
  return fault
}

function drawLength(dice: Dice, kind: FaultKind): number {
  switch (kind) {
    case 'agent-kill':
    case 'orchestrator-kill':
      return dice.between(0, 2500)
    case 'nats-kill':
    case 'redis-kill':
      return dice.between(0, 2000)
    case 'nats-stop':
    case 'redis-stop':
      return dice.between(500, 4000)
    case 'agent-stop':
    case 'orchestrator-stop':
      return dice.between(500, 6000)
    case 'link':
      return dice.between(500, 5000)
    default:
      return dice.between(500, 3000)
  }
}

/** For the line of a run. */
export function nameOfFault({ kind, link, skewMs }: PlannedFault): string {
  if (link) return `link ${link.from}→${link.to} ${link.mode}`
  if (skewMs !== undefined) return `skew ${skewMs > 0 ? '+' : '−'}${Math.abs(skewMs) / 60_000} min`
  return kind
}
