import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { GetTaskLogResponse } from '#schemas/task-log.ts'
import { api, ask } from '../../data/api.ts'
import type { AttemptRecord } from './attempts.ts'
import { attemptsOf, type Moment, replay } from './task-history.ts'

/** Of one task; more is a matter for the archive. */
const MAX_EVENTS = 5000

export interface TaskHistory {
  readonly moments: readonly Moment[]
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
  /** Why there is none. */
  readonly problem: unknown
  readonly isWhole: boolean
}

const NONE: readonly Moment[] = []

/** The log of a task, and every state that it went through: read again, from where it was, when the task has changed. */
export function useTaskHistory(task: TaskState | undefined): TaskHistory {
  const id = task?.id
  const { data, error } = useQuery({
    queryKey: ['task-log', id, task?.rev],
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // The last one stays shown, and is read on from.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    queryFn: async ({ signal, client }) => {
      const known = client
        .getQueriesData<{ events: LogEvent[]; isWhole: boolean }>({ queryKey: ['task-log', id] })
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
      } while (afterSeq !== undefined && events.length < MAX_EVENTS)
      return { events, isWhole }
    },
  })
  const moments = useMemo(() => (data?.isWhole ? replay(data.events) : NONE), [data])
  const attempts = useMemo(() => (moments.length > 0 ? attemptsOf(moments) : undefined), [moments])
  return { moments, attempts, problem: error, isWhole: data?.isWhole ?? false }
}
