import { TABLES_RESULT, type TablesResult } from '../../load/evaluation/tables-schema.ts'
import type { Origin } from '../../load/result-schema.ts'
import type { OpenLoopResult, Recovery, Throughput } from './measure-peer.ts'
import type { PeerAbout } from './peer.ts'

/** What came of one peer; `failure` and what was measured before it, where something went wrong. */
export interface PeerOutcome {
  title: string
  about: PeerAbout
  /** Absent where it could not be had. */
  versions?: string
  throughput?: Throughput
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
  /** The first peer, measured once more at the end. */
  again?: PeerOutcome
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
  const rows = [...outcomes, ...(settings.again ? [settings.again] : [])]
  const base = meanRate([first, settings.again])
  return {
    schema: TABLES_RESULT,
    title: 'Peers, side by side',
    about: `The same task on each, one after the other on the same machine: three steps that hand 200 bytes on, and a client in a process of its own that waits for the result. Each as its documentation says to run it so that nothing is lost, with one worker process. Saturated: ${tasks} tasks under way, for ${seconds} s after a warm-up; beside it what others took of the machine's processor time meanwhile, its host included. Open loop: ${rate} tasks/s for ${seconds} s, latencies from when a task was due. Recovery: ${slots} tasks whose steps take ${holdMs / 1000} s each; in the middle of the second step the worker is killed (SIGKILL) and another started at once; the time is from the kill until all have their result, at least ${(2 * holdMs) / 1000} s as two steps are still to be done. Memory: servers and worker after a task, before any load, what processes share counted once.`,
    origin,
    tables: [
      {
        columns: [
          '',
          'tasks/s, saturated',
          `of ${first?.title}`,
          'others, %',
          `p50 at ${rate}/s, ms`,
          'p99, ms',
          'recovery by default, s',
          'tuned, s',
          'idle, MB',
        ],
        rows: rows.map((outcome) => figures(outcome, settings, base)),
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

function figures(outcome: PeerOutcome, settings: PeersSettings, base: number | undefined): string[] {
  const { title, versions, throughput, openLoop, recovery, tunedRecovery, about, idleMb } = outcome
  if (versions === undefined) return [title, 'not measured', ...Array.from({ length: 7 }, () => NOTHING)]
  const isVoid = openLoop !== undefined && openLoop.generatorDelayP99Ms > LARGEST_GENERATOR_DELAY_MS
  const latency = (ms: number | undefined) =>
    ms === undefined ? NOTHING : isVoid ? `(${figure(ms)})` : figure(ms)
  return [
    title,
    throughput === undefined ? NOTHING : figure(throughput.tasksPerSecond),
    throughput === undefined || base === undefined
      ? NOTHING
      : `${(throughput.tasksPerSecond / base).toFixed(2)} ×`,
    throughput?.othersShare === undefined ? NOTHING : figure(throughput.othersShare * 100),
    latency(openLoop?.p50Ms),
    latency(openLoop?.p99Ms),
    recoveryText(recovery, settings),
    recovery && about.recoveryTuned === undefined ? 'the same' : recoveryText(tunedRecovery, settings),
    idleMb === undefined ? NOTHING : figure(idleMb),
  ]
}

function recoveryText(recovery: Recovery | undefined, { recoverySeconds }: PeersSettings): string {
  if (!recovery) return NOTHING
  if (recovery.onHand === 0) return 'void: nothing on hand'
  if (recovery.seconds !== undefined) return recovery.seconds.toFixed(1)
  return `> ${recoverySeconds} (${recovery.open} tasks open)`
}

function notesOf(outcomes: readonly PeerOutcome[], { again, rate }: PeersSettings): string[] {
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
    ...outcomes.flatMap(({ title, throughput, openLoop }) =>
      openLoop && throughput && throughput.tasksPerSecond < rate
        ? [
            `${title} does less than ${rate} tasks/s on this machine: its latencies are those of a queue that grows, and say how long the load lasted.`,
          ]
        : [],
    ),
    ...(again
      ? [
          'The last row is the first once more, after all others: differences of that size between peers mean nothing. Shares are of the mean of both.',
        ]
      : []),
  ]
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}

function meanRate(outcomes: readonly (PeerOutcome | undefined)[]): number | undefined {
  const rates = outcomes.flatMap((outcome) => outcome?.throughput?.tasksPerSecond ?? [])
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0) / rates.length
}
