import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { GetTaskLogResponse } from '#schemas/task-log.ts'
import { api, ask } from '../../data/api.ts'
import { monotonicMs, sleep } from '../../data/clock.ts'
import type { AttemptRecord } from './attempts.ts'
import { MAX_MOMENTS, type Moment, TaskReplay } from './task-history.ts'

export interface TaskHistory {
  readonly moments: readonly Moment[]
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
  /** Why there is none. */
  readonly problem: unknown
  readonly isWhole: boolean
  /** The log goes on behind the moments: more is a matter for the archive. */
  readonly isCut: boolean
}

interface ReadLog {
  readonly events: readonly LogEvent[]
  readonly isWhole: boolean
  readonly isCut: boolean
}

const NONE: readonly Moment[] = []

/** The log of a task, and every state that it went through: read again, from where it was, when the task has changed. */
export function useTaskHistory(task: TaskState | undefined): TaskHistory {
  const id = task?.id
  const rev = useThrottled(task?.rev)
  const { data, error } = useQuery<ReadLog>({
    queryKey: ['task-log', id, rev],
    // Each has all events so far: those of before are not kept.
    gcTime: 2000,
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // The last one stays shown, and is read on from.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    queryFn: async ({ signal, client }) => {
      const known = client
        .getQueriesData<ReadLog>({ queryKey: ['task-log', id] })
        .map(([, value]) => value)
        .filter((value) => value !== undefined)
        .toSorted((a, b) => b.events.length - a.events.length)[0]
      const events = [...(known?.events ?? [])]
      let isWhole = known?.isWhole ?? false
      let afterSeq = events.at(-1)?.seq
      do {
        const page = (await ask(
          api.GET('/v1/tasks/{id}/log', {
            params: { path: { id: id! }, query: afterSeq === undefined ? {} : { afterSeq } },
            signal,
          }),
        )) as unknown as GetTaskLogResponse
        if (afterSeq === undefined) isWhole = page.isWhole
        events.push(...(page.events as unknown as LogEvent[]))
        afterSeq = page.nextSeq
      } while (afterSeq !== undefined && events.length < MAX_MOMENTS)
      return { events, isWhole, isCut: afterSeq !== undefined }
    },
  })
  const { moments, attempts } = useReplay(data?.isWhole ? data.events : undefined)
  return {
    moments,
    attempts,
    problem: error,
    isWhole: data?.isWhole ?? false,
    isCut: data?.isCut ?? false,
  }
}

/** So long is replayed at once: a frame. Milliseconds. */
const SLICE_MS = 8

interface Replayed {
  readonly moments: readonly Moment[]
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
}

/** Replays events, and what comes to them: a short log at once, a long one while the page goes on. */
function useReplay(events: readonly LogEvent[] | undefined): Replayed {
  const replay = useRef(new TaskReplay())
  const [replayed, setReplayed] = useState<Replayed>({ moments: NONE, attempts: undefined })
  useEffect(() => {
    if (!events || events.length === 0) return
    if (!replay.current.isBeginningOf(events)) replay.current = new TaskReplay()
    const stop = new AbortController()
    const goOn = async () => {
      for (;;) {
        const untilMs = monotonicMs() + SLICE_MS
        if (replay.current.advance(events, () => monotonicMs() > untilMs)) break
        await sleep(0, stop.signal)
        if (stop.signal.aborted) return
      }
      setReplayed({ moments: replay.current.moments, attempts: replay.current.attempts })
    }
    void goOn()
    return () => stop.abort()
  }, [events])
  return replayed
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
