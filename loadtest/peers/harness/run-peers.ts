import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killAtWork, measureOpenLoop, measureSaturated, orLate } from './measure-peer.ts'
import type { PeersOptions } from './options.ts'
import type { Peer, Report, Tuning } from './peer.ts'
import type { PeerOutcome, PeersSettings } from './peers-result.ts'
import { memoryMb, processTree } from './process-tree.ts'

export const SETTINGS = { rate: 100, holdMs: 1000, slots: 8 } as const
/** The first pays for connections and caches. */
const FIRST_TASK_TIMEOUT_MS = 30_000
const SETTLE_MS = 3000
/** Whoever is back by then is alone on the machine until then; who is not waits for a time limit, and needs it not. */
const ALONE_MS = 8000
let folders = 0

type Loads = Pick<PeersOptions, 'tasks' | 'seconds'>

/** Memory, then both loads, on a stack of its own. What goes wrong is part of the outcome. */
export async function runLoads(
  peer: Peer,
  { tasks, seconds }: Loads,
  at: { dir: string; report: Report },
  outcome: PeerOutcome,
): Promise<void> {
  await onStack(peer, 'default', 1, at, async (stack) => {
    const worker = await stack.startWorker()
    try {
      const run = (holdMs?: number) => stack.client.run(holdMs)
      await orLate(run(), FIRST_TASK_TIMEOUT_MS, 'the first task')
      await sleep(SETTLE_MS)
      const pids = new Set([...stack.serverPids(), worker.pid].flatMap(processTree))
      const idleMb = memoryMb([...pids])
      if (idleMb !== undefined) outcome.idleMb = idleMb
      outcome.throughput = await measureSaturated(run, { underWay: tasks, seconds })
      outcome.openLoop = await measureOpenLoop(run, { rate: SETTINGS.rate, seconds })
    } finally {
      await worker.stop()
    }
  })
}

/**
 * Kills a worker at work. @returns once it has recovered, or is known to wait for a time limit: then the rest is waited for in the background
 */
export async function runRecovery(
  peer: Peer,
  tuning: Tuning,
  { recoverySeconds, dir, report }: { recoverySeconds: number; dir: string; report: Report },
  outcome: PeerOutcome,
): Promise<{ finished: Promise<void> }> {
  const { slots, holdMs } = SETTINGS
  const finished = onStack(peer, tuning, slots, { dir, report }, async (stack) => {
    const killed = await killAtWork((ms) => stack.client.run(ms), stack.startWorker, {
      slots,
      holdMs,
      limitMs: recoverySeconds * 1000,
    })
    const recovery = await killed.recovery
    const seconds = recovery.seconds ?? `more than ${recoverySeconds}`
    report(`${peer.title}, ${tuning}: back after ${seconds} s, ${recovery.onHand} steps on hand`)
    outcome[tuning === 'tuned' ? 'tunedRecovery' : 'recovery'] = recovery
    await killed.stopWorker()
  })
  finished.catch(() => {})
  await Promise.race([finished, sleep(ALONE_MS + holdMs)])
  return { finished }
}

async function onStack(
  peer: Peer,
  tuning: Tuning,
  slots: number,
  { dir, report }: { dir: string; report: Report },
  work: (stack: Awaited<ReturnType<Peer['start']>>) => Promise<void>,
): Promise<void> {
  folders++
  const own = join(dir, `${folders}-${peer.name}`)
  mkdirSync(own, { recursive: true })
  const stack = await peer.start({ dir: own, tuning, slots, report: () => {} })
  report(`${peer.title} is up`)
  try {
    await work(stack)
  } finally {
    await stack.stop()
    rmSync(own, { recursive: true, force: true })
  }
}

/** The settings that the tables name. */
export function settingsOf(options: PeersOptions, again?: PeerOutcome): PeersSettings {
  const { tasks, seconds, recoverySeconds } = options
  return { ...SETTINGS, tasks, seconds, recoverySeconds, ...(again !== undefined && { again }) }
}
