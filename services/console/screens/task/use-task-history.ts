import { useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { GetTaskLogResponse } from '#schemas/task-log.ts'
import { api, ask } from '../../data/api.ts'
import { monotonicMs, sleep } from '../../data/clock.ts'
import { isPassing, toProblemError } from '../../data/problem.ts'
import type { AttemptRecord } from './attempts.ts'
import type { Moment } from './task-history.ts'
import { TaskReplay } from './task-replay.ts'

export interface TaskHistory {
  /** Events that have been replayed. */
  readonly count: number
  /** Whether more of them come. */
  readonly isReading: boolean
  /** The log goes on behind what is replayed: more is a matter for the archive. */
  readonly isCut: boolean
  /** What is looked at; undefined: it is being made again, or there is none. */
  readonly moment: Moment | undefined
  /** What happened around that, without a hole; of a log of some thousands of events, all. */
  readonly moments: readonly Moment[]
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
}

/** So long is replayed at once: a frame. Milliseconds. */
const SLICE_MS = 8
const AGAIN_MS = 2000

/**
 * The log of a task, and every state that it went through: read on, from where it was, when the task has changed.
 * @param at the number of the event that is looked at; undefined: the last
 */
export function useTaskHistory(task: TaskState, at: number | undefined): TaskHistory {
  const { id } = task
  const rev = useThrottled(task.rev)
  const [version, changed] = useReducer((count: number) => count + 1, 0)
  const [isReading, setReading] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another task has another log
  const replay = useMemo(() => new TaskReplay(), [id])
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each revision there is more to be read
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const run = async () => {
      for (;;) {
        const { events, nextSeq, isWhole } = await logPage(id, replay.lastSeq, signal)
        // What the archive has and the log has no more can not be replayed from its beginning.
        if (!isWhole) return
        for (let taken = 0; taken < events.length && !replay.isFull; ) {
          const untilMs = monotonicMs() + SLICE_MS
          taken += replay.advance(events.slice(taken), () => monotonicMs() > untilMs)
          if (taken < events.length) await sleep(0, signal)
          if (signal.aborted) return
        }
        changed()
        const isMore = nextSeq !== undefined && !replay.isFull
        setReading(isMore)
        if (!isMore) return
      }
    }
    void tirelessly(run, signal)
    return () => stop.abort()
  }, [id, rev, replay])

  const index = Math.min(at ?? replay.count - 1, replay.count - 1)
  const isMissing = replay.missing(index) !== undefined
  useEffect(() => {
    if (!isMissing) return
    const stop = new AbortController()
    void tirelessly(async () => {
      const wanted = replay.missing(index)
      if (!wanted) return
      const events: LogEvent[] = []
      let { afterSeq } = wanted
      do {
        const page = await logPage(id, afterSeq, stop.signal)
        events.push(...page.events)
        afterSeq = page.nextSeq
      } while (afterSeq !== undefined && events.length < wanted.events)
      replay.restore(index, events)
      changed()
    }, stop.signal)
    return () => stop.abort()
  }, [id, replay, index, isMissing])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when there is more
  return useMemo(
    () => ({
      count: replay.count,
      isReading,
      isCut: replay.isFull,
      moment: replay.at(index),
      moments: replay.around(index),
      attempts: replay.count > 0 ? replay.attempts : undefined,
    }),
    [replay, index, isReading, version],
  )
}

async function logPage(
  id: string,
  afterSeq: number | undefined,
  signal: AbortSignal,
): Promise<Omit<GetTaskLogResponse, 'events'> & { events: LogEvent[] }> {
  const query = afterSeq === undefined ? {} : { afterSeq }
  const asking = api.GET('/v1/tasks/{id}/log', { params: { path: { id }, query }, signal })
  const page = (await ask(asking)) as unknown as GetTaskLogResponse
  return { ...page, events: page.events as unknown as LogEvent[] }
}

/** Works until it is done, again after what passes by itself. */
async function tirelessly(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work()
    } catch (error) {
      const problem = toProblemError(error)
      if (!isPassing(problem)) return
      await sleep(problem.retryAfterMs ?? AGAIN_MS, signal)
    }
  }
}

/** The log is read again no more often than this. Milliseconds. */
const READ_INTERVAL_MS = 500

/** A value that changes often, as it is now and then; the last one always. */
function useThrottled<Value>(value: Value): Value {
  const [shown, setShown] = useState(value)
  const lastMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const put = () => {
      lastMs.current = monotonicMs()
      setShown(value)
    }
    const waitMs = lastMs.current + READ_INTERVAL_MS - monotonicMs()
    if (waitMs <= 0) return put()
    const timer = setTimeout(put, waitMs)
    return () => clearTimeout(timer)
  }, [value])
  return shown
}
