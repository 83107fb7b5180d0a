import { TABLES_RESULT, type TablesResult } from '../../load/evaluation/tables-schema.ts'
import type { Origin } from '../../load/result-schema.ts'
import type { OpenLoopResult, Recovery } from './measure-peer.ts'
import type { PeerAbout } from './peer.ts'

/** What came of one peer; `failure` and what was measured before it, where something went wrong. */
export interface PeerOutcome {
  title: string
  about: PeerAbout
  /** Absent where it could not be had. */
  versions?: string
  tasksPerSecond?: number
  openLoop?: OpenLoopResult
  idleMb?: number
  recovery?: Recovery
  /** Absent where there is nothing to tune. */
  tunedRecovery?: Recovery
  failure?: string
}

export interface PeersSettings {
  tasks: number
  seconds: number
  rate: number
  recoverySeconds: number
  holdMs: number
  slots: number
  /** Tasks a second of the first peer, measured once more at the end. */
  again?: number
}

/** Of the generator: above it a latency is not one of the system. */
export const LARGEST_GENERATOR_DELAY_MS = 10
const NOTHING = '–'

/** All of it as tables. Pure. */
export function peersResult(
  outcomes: readonly PeerOutcome[],
  settings: PeersSettings,
  origin: Origin,
): TablesResult {
  const { holdMs, rate, seconds, slots, tasks } = settings
  const measured = outcomes.filter(({ versions }) => versions !== undefined)
  const first = measured[0]
  return {
    schema: TABLES_RESULT,
    title: 'Peers, side by side',
    about: `The same task on each, one after the other on the same machine: three steps that hand 200 bytes on, and a client in a process of its own that waits for the result. Each as its documentation says to run it so that nothing is lost, with one worker process. Saturated: ${tasks} tasks under way, for ${seconds} s after a warm-up. Open loop: ${rate} tasks/s for ${seconds} s, latencies from when a task was due. Recovery: ${slots} tasks whose steps take ${holdMs / 1000} s each; in the middle of the second step the worker is killed (SIGKILL) and another started at once; the time is from the kill until all have their result, at least ${(2 * holdMs) / 1000} s as two steps are still to be done. Memory: servers and worker after a task, before any load, what processes share counted once.`,
    origin,
    tables: [
      {
        columns: [
          '',
          'tasks/s, saturated',
          'of ours',
          `p50 at ${rate}/s, ms`,
          'p99, ms',
          'recovery by default, s',
          'tuned, s',
          'idle, MB',
        ],
        rows: outcomes.map((outcome) => figures(outcome, settings, first?.tasksPerSecond)),
      },
      {
        title: 'How each was run',
        columns: ['', 'versions', 'what is durable when', 'recovery by default', 'tuned'],
        rows: measured.map(({ title, versions, about }) => [
          title,
          versions!,
          about.durability,
          about.recoveryByDefault,
          about.recoveryTuned ?? 'nothing to tune',
        ]),
      },
      {
        title: 'What each does more or less',
        columns: [
          '',
          'a step is',
          'after a crash',
          'what can be asked',
          'checked',
          'retries and time limits',
          'plans',
        ],
        rows: measured.map(({ title, about }) => [
          title,
          about.step,
          about.continuation,
          about.state,
          about.checks,
          about.attempts,
          about.plans,
        ]),
      },
    ],
    notes: notesOf(outcomes, settings),
  }
}

function figures(outcome: PeerOutcome, settings: PeersSettings, ours: number | undefined): string[] {
  const { title, versions, tasksPerSecond, openLoop, recovery, tunedRecovery, about, idleMb } = outcome
  if (versions === undefined) return [title, 'not measured', ...Array.from({ length: 6 }, () => NOTHING)]
  const isVoid = openLoop !== undefined && openLoop.generatorDelayP99Ms > LARGEST_GENERATOR_DELAY_MS
  const latency = (ms: number | undefined) =>
    ms === undefined ? NOTHING : isVoid ? `(${figure(ms)})` : figure(ms)
  return [
    title,
    tasksPerSecond === undefined ? NOTHING : figure(tasksPerSecond),
    tasksPerSecond === undefined || ours === undefined ? NOTHING : `${(tasksPerSecond / ours).toFixed(2)} ×`,
    latency(openLoop?.p50Ms),
    latency(openLoop?.p99Ms),
    recoveryText(recovery, settings),
    about.recoveryTuned === undefined ? 'the same' : recoveryText(tunedRecovery, settings),
    idleMb === undefined ? NOTHING : figure(idleMb),
  ]
}

function recoveryText(recovery: Recovery | undefined, { recoverySeconds }: PeersSettings): string {
  if (!recovery) return NOTHING
  if (recovery.onHand === 0) return 'void: nothing on hand'
  if (recovery.seconds !== undefined) return recovery.seconds.toFixed(1)
  return `> ${recoverySeconds} (${recovery.open} tasks open)`
}

function notesOf(outcomes: readonly PeerOutcome[], { again }: PeersSettings): string[] {
  const first = outcomes.find(({ tasksPerSecond }) => tasksPerSecond !== undefined)
  const isAnyVoid = outcomes.some(
    ({ openLoop }) => (openLoop?.generatorDelayP99Ms ?? 0) > LARGEST_GENERATOR_DELAY_MS,
  )
  return [
    ...outcomes.flatMap(({ title, failure }) => (failure === undefined ? [] : [`${title}: ${failure}.`])),
    ...(isAnyVoid
      ? [
          `Latencies in brackets are void: the generator itself was more than ${LARGEST_GENERATOR_DELAY_MS} ms late at its 99th percentile.`,
        ]
      : []),
    ...(again !== undefined && first?.tasksPerSecond !== undefined
      ? [
          `${first.title} was measured once more at the end: ${figure(again)} tasks/s, against ${figure(first.tasksPerSecond)} at the beginning. Differences of that size between peers mean nothing.`,
        ]
      : []),
  ]
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}
