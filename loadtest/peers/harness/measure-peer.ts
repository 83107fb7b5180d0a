import { setTimeout as sleep } from 'node:timers/promises'
import { percentileOrNaN, round, until, watchOwnDelay } from '../../bench/measure.ts'
import { watchOthers } from './disturbance.ts'
import type { LineProcess } from './line-process.ts'

/** Runs one task to its result. */
export type RunTask = (holdMs?: number) => Promise<void>

/** As long as Node takes to compile what is used most. */
const WARM_UP_MS = 5000
const DRAIN_TIMEOUT_MS = 90_000

export interface Throughput {
  tasksPerSecond: number
  /** Of the machine's processor time, what others took meanwhile: 0 to 1. */
  othersShare?: number
}

/** As many tasks as it can do, `underWay` of them at any time. @returns over the window that follows the warm-up */
export async function measureSaturated(
  run: RunTask,
  { underWay, seconds, warmUpMs = WARM_UP_MS }: { underWay: number; seconds: number; warmUpMs?: number },
): Promise<Throughput> {
  let done = 0
  let isOver = false
  let failure: Error | undefined
  const lane = async () => {
    while (!isOver && failure === undefined) {
      await run()
      done++
    }
  }
  const lanes = Promise.all(
    Array.from({ length: underWay }, () =>
      lane().catch((error: Error) => {
        failure ??= error
      }),
    ),
  )
  await sleep(warmUpMs)
  const others = watchOthers()
  const doneBefore = done
  const startedMs = performance.now()
  await sleep(seconds * 1000)
  const rate = (done - doneBefore) / ((performance.now() - startedMs) / 1000)
  const othersShare = others()
  isOver = true
  await orLate(lanes, DRAIN_TIMEOUT_MS, 'the tasks under way')
  if (failure) throw failure
  return {
    tasksPerSecond: round(rate, rate < 100 ? 1 : 0),
    ...(othersShare !== undefined && { othersShare: round(othersShare, 2) }),
  }
}

export interface OpenLoopResult {
  p50Ms: number
  p99Ms: number
  /** Of the generator itself; above 10 the run is void. */
  generatorDelayP99Ms: number
}

/** A fixed rate, whatever becomes of the tasks; a latency counts from the moment at which its task was due. */
export async function measureOpenLoop(
  run: RunTask,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<OpenLoopResult> {
  const own = watchOwnDelay()
  const startMs = performance.now() + 100
  const latencies: number[] = []
  const tasks: Promise<void>[] = []
  for (let i = 0; i < rate * seconds; i++) {
    const dueMs = startMs + (i * 1000) / rate
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    const task = run().then(() => void latencies.push(performance.now() - dueMs))
    // Told at the end, when all are awaited.
    task.catch(() => {})
    tasks.push(task)
  }
  const generatorDelayP99Ms = round(own.p99Ms())
  await orLate(Promise.all(tasks), DRAIN_TIMEOUT_MS, 'the tasks of the open loop')
  latencies.sort((a, b) => a - b)
  return {
    p50Ms: round(percentileOrNaN(latencies, 0.5)),
    p99Ms: round(percentileOrNaN(latencies, 0.99)),
    generatorDelayP99Ms,
  }
}

export interface Recovery {
  /** Steps that the worker had begun and not ended when it was killed. */
  onHand: number
  /** From the kill until the last task that was under way is done; undefined when it was not within the limit. */
  seconds: number | undefined
  /** Tasks that were not done by then. */
  open: number
}

/**
 * Kills a worker in the middle of the second step of its tasks, and starts another at once, as a supervisor would.
 * @param slots as many tasks; a worker can have a step of each on hand
 * @returns after the kill, while the tasks are still under way
 */
export async function killAtWork(
  run: RunTask,
  startWorker: () => Promise<LineProcess>,
  { slots, holdMs, limitMs }: { slots: number; holdMs: number; limitMs: number },
): Promise<{ recovery: Promise<Recovery>; stopWorker: () => Promise<void> }> {
  const first = await startWorker()
  // What is set up with the first task is no part of the recovery.
  const warmUp = Promise.all(Array.from({ length: slots }, () => run()))
  await orLate(warmUp, DRAIN_TIMEOUT_MS, 'the first tasks')
  const held = { begun: 0, ended: 0, isSecondBegun: false }
  first.onLine((line) => {
    if (line.startsWith('+')) held.begun++
    if (line.startsWith('-')) held.ended++
    if (line === '+ b') held.isSecondBegun = true
  })
  let open = slots
  const tasks = Array.from({ length: slots }, () => run(holdMs).then(() => void open--))
  const outcome = Promise.all(tasks)
  outcome.catch(() => {})
  await until('the second step', () => held.isSecondBegun, 20_000)
  await sleep(holdMs / 2)
  const onHand = held.begun - held.ended
  const killedMs = performance.now()
  await first.kill()
  const second = startWorker()
  second.catch(() => {})
  const recovery = orLate(Promise.all([outcome, second]), limitMs, 'the recovery').then(
    () => ({ onHand, open, seconds: round((performance.now() - killedMs) / 1000) }),
    (error: Error) => {
      if (error instanceof Late) return { onHand, open, seconds: undefined }
      throw error
    },
  )
  return { recovery, stopWorker: async () => (await second).stop() }
}

class Late extends Error {}

/** @throws Error when it is not done by then; the work goes on */
export async function orLate<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const patience = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: patience.signal }).then(() => {
    throw new Late(`${what}: not done within ${timeoutMs / 1000} s`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    patience.abort()
  }
}
