import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { api, ask } from '../../data/api.ts'
import { sleep } from '../../data/clock.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { useLive } from '../../data/use-live.ts'
import { addChunks, type StreamedParts } from './streamed-parts.ts'

/** Events of a watch that are kept; the log on the server has all of them. */
const MAX_EVENTS = 2000
/** After an event the task is read again, but not more often. Milliseconds. */
const READ_INTERVAL_MS = 120

export interface WatchedTask {
  readonly task: TaskState | undefined
  /** What happened while it was watched, oldest first. */
  readonly events: readonly TaskEvent[]
  /** What steps have emitted while they run, by step. */
  readonly streams: StreamedParts
  readonly problem: ProblemError | undefined
  readonly isLive: boolean
  refresh(): void
}

/** A task as it is now, followed until it ends. */
export function useTask(taskId: string): WatchedTask {
  const [task, setTask] = useState<TaskState>()
  const [readProblem, setReadProblem] = useState<ProblemError>()
  const events = useRef<TaskEvent[]>([])
  const streams = useRef<StreamedParts>(new Map())
  const [, changed] = useReducer((count: number) => count + 1, 0)
  const reading = useRef<{ again: boolean } | undefined>(undefined)
  const shown = useRef(taskId)

  const put = useCallback((next: TaskState) => {
    if (next.id !== shown.current) return
    // Answers may overtake each other: an older one changes nothing.
    setTask((current) => (current && current.id === next.id && current.rev > next.rev ? current : next))
  }, [])

  const refresh = useCallback(async () => {
    if (reading.current) {
      reading.current.again = true
      return
    }
    reading.current = { again: false }
    do {
      reading.current.again = false
      try {
        const answer = await ask(api.GET('/v1/tasks/{id}', { params: { path: { id: taskId } } }))
        put((answer as unknown as { task: TaskState }).task)
        setReadProblem(undefined)
      } catch (error) {
        setReadProblem(toProblemError(error))
      }
      await sleep(READ_INTERVAL_MS)
    } while (reading.current.again)
    reading.current = undefined
  }, [taskId, put])

  useEffect(() => {
    shown.current = taskId
    events.current = []
    streams.current = new Map()
    setTask(undefined)
  }, [taskId])

  const { state, problem } = useLive(`/v1/tasks/${encodeURIComponent(taskId)}/events`, (items) => {
    let hasChanged = false
    for (const { event, data } of items) {
      if (event === 'snapshot') put((data as { task: TaskState }).task)
      else if (event === 'chunks') streams.current = addChunks(streams.current, data as WatchedChunks)
      else if (event === 'event') {
        events.current.push(data as TaskEvent)
        hasChanged ||= (data as TaskEvent).kind !== 'progress'
      }
    }
    if (events.current.length > MAX_EVENTS) events.current = events.current.slice(-MAX_EVENTS)
    if (hasChanged) void refresh()
    changed()
  })

  return {
    task,
    events: events.current,
    streams: streams.current,
    problem: problem ?? (task ? undefined : readProblem),
    isLive: state === 'open',
    refresh: () => void refresh(),
  }
}
