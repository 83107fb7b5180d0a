import { isDeepStrictEqual } from 'node:util'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { decide } from '#workflow/decide/decide.ts'
import { decodeMessage } from '../../services/orchestrator/partition/decode-message.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import type { Turn } from './simulated-task.ts'
import { checkTask } from './task-checker.ts'
import { until } from './until.ts'

const SUBMITTERS = 64
const OPTIONS = { keepFinishedMs: 24 * 3_600_000 }

/** What the log says of each task: read from the stream itself, folded by nobody else. */
export class LogWatch {
  readonly turns = new Map<string, Turn[]>()
  /** How far it has read. */
  lastSeq = 0
  readonly #reader: { stop(): Promise<void> }

  constructor(bus: Bus) {
    this.#reader = bus.consumers.readLog({
      stream: 'LOG',
      filterSubject: SUBJECTS.logAll,
      fromSeq: 1,
      onMessage: (message) => {
        this.lastSeq = message.seq
        for (const { decoded } of decodeMessage(message)) if ('event' in decoded) this.#fold(decoded.event)
      },
    })
  }

  state(id: string): TaskState | undefined {
    return this.turns.get(id)?.at(-1)?.after
  }

  stop(): Promise<void> {
    return this.#reader.stop()
  }

  #fold(event: LogEvent): void {
    const id = event.body.taskId
    const turns = this.turns.get(id) ?? []
    const before = turns.at(-1)?.after
    const { state, commands } = decide(before, event, OPTIONS)
    turns.push({ event, before, after: state, commands })
    this.turns.set(id, turns)
  }
}

export interface Load {
  /** Task ids with the result that each has to have. */
  expected: ReadonlyMap<string, number>
  ended(): number
}

/** Submits three-step tasks, each step computing on with the result of the one before. */
export async function submitTasks(
  bus: Bus,
  log: LogWatch,
  about: { run: string; count: number; step?: Partial<Step> },
): Promise<Load> {
  const expected = new Map<string, number>()
  let next = 0
  const submitter = async () => {
    for (let i = next++; i < about.count; i = next++) expected.set(await submit(bus, about, i), resultOf(i))
  }
  await Promise.all(Array.from({ length: SUBMITTERS }, submitter))
  const ended = () =>
    [...expected.keys()].filter((id) => isTerminal(log.state(id)?.status ?? 'running')).length
  return { expected, ended }
}

/** A task of three steps, each computing on with the result of the one before, with a key of its own. */
export function submissionOf({ run, step }: { run: string; step?: Partial<Step> }, i: number) {
  const workMs = (salt: number) => 5 + ((i * 7 + salt * 13) % 46)
  const of = (id: string, value: object, times: number, plus: number, salt: number): Step => ({
    id,
    agent: 'chaos',
    input: { ...value, times, plus, workMs: workMs(salt) } as never,
    timeoutMs: 60_000,
    queueTimeoutMs: 60_000,
    ...step,
  })
  return {
    type: 'plan',
    idempotencyKey: `${run}-${i}`,
    input: { n: i },
    plan: {
      steps: [
        of('a', { value: { $from: 'input.n' } }, 1, 1, 1),
        { ...of('b', { value: { $from: 'steps.a.output.value' } }, 3, 1, 2), needs: ['a'] },
        { ...of('c', { value: { $from: 'steps.b.output.value' } }, 2, 0, 3), needs: ['b'] },
      ],
    },
  }
}

/** What it has to give. */
export function resultOf(i: number): number {
  return ((i + 1) * 3 + 1) * 2
}

/** Sent again until it is answered. */
async function submit(bus: Bus, about: { run: string; step?: Partial<Step> }, i: number): Promise<string> {
  const submission = submissionOf(about, i)
  for (let tries = 0; ; tries++) {
    try {
      const receipt = await bus.request(SERVICES.submitTask, submission, { timeoutMs: 5000 })
      return (receipt as { taskId: string }).taskId
    } catch (error) {
      const { code, retryAfterMs = 0 } = error as { code?: string; retryAfterMs?: number }
      if (tries > 10 || code !== 'UNAVAILABLE') throw error
      // A partition that is built anew says when to come back.
      await systemClock.sleep(retryAfterMs)
    }
  }
}

/** Every promise about these tasks; the faults are over by now. @returns what is wrong, at most a few lines */
export async function faultsOf(bus: Bus, log: LogWatch, load: Load): Promise<string[]> {
  const faults: string[] = []
  // As this log has it: the load may have been watched by another one, which is ahead.
  const ids = [...load.expected.keys()]
  const ended = () => ids.filter((id) => isTerminal(log.state(id)?.status ?? 'running')).length
  await until('all tasks have ended', () => ended() === ids.length, 60_000).catch((error: Error) =>
    faults.push(`${error.message}: ${ended()} of ${ids.length}`),
  )
  for (const [id, result] of load.expected) {
    const turns = log.turns.get(id) ?? []
    const ends = turns.filter(({ before, after }) => {
      const was = before !== undefined && isTerminal(before.status)
      return !was && after !== undefined && isTerminal(after.status)
    }).length
    if (ends !== 1) faults.push(`${id} ended ${ends} times`)
    const state = log.state(id)
    if (state?.status !== 'completed' || !isDeepStrictEqual(state.output, { c: { value: result } }))
      faults.push(
        `${id}: ${state?.status} ${JSON.stringify(state?.error ?? state?.output)} instead of ${result}`,
      )
    try {
      checkTask(turns, { slackMs: 10_000 })
    } catch (error) {
      faults.push(`${id}: ${(error as Error).message.slice(0, 200)}`)
    }
  }
  faults.push(
    ...(await Promise.all([...load.expected.keys()].map((id) => differenceOf(bus, log, id)))).flat(),
  )
  return faults.slice(0, 5)
}

/** What the API answers is what the log says, as soon as the owner has folded it. */
async function differenceOf(bus: Bus, log: LogWatch, id: string): Promise<string[]> {
  let answered: TaskState | undefined
  const isSame = async () => {
    const answer = await bus
      .request(SERVICES.getTask, { taskId: id }, { timeoutMs: 5000 })
      .catch(() => undefined)
    answered = withoutPlacements((answer as { task: TaskState } | undefined)?.task)
    return isDeepStrictEqual(answered, JSON.parse(JSON.stringify(log.state(id) ?? null)))
  }
  try {
    await until('the answer is the fold', isSame, 15_000)
    return []
  } catch {
    const shown = differences(JSON.parse(JSON.stringify(log.state(id) ?? {})), answered ?? {})
    return [
      `${id}: the API says ${answered?.status} rev ${answered?.rev}, the log ${log.state(id)?.status} rev ${log.state(id)?.rev}: ${shown.slice(0, 5).join(', ')}`,
    ]
  }
}

/** Where a step was sent is explained by those who sent it, and not by the log. */
function withoutPlacements(task: TaskState | undefined): TaskState | undefined {
  if (!task) return undefined
  const steps = Object.entries(task.steps).map(([id, { placement: _, ...step }]) => [id, step])
  return { ...task, steps: Object.fromEntries(steps) as TaskState['steps'] }
}

/** Where two values are not the same. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (isDeepStrictEqual(a, b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return [`${path} ${JSON.stringify(a)} and ${JSON.stringify(b)}`]
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((key) =>
    differences(x[key], y[key], `${path}/${key}`),
  )
}
