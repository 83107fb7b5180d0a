import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { TaskSummary } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import { PagedRows } from '../../data/paged-rows.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { useLive } from '../../data/use-live.ts'
import { matches, queryOf, type TaskFilter } from './task-filter.ts'

const FIRST_PAGE = 100
const PAGE = 250
/** The next page is asked for when so many rows are left below. */
const AHEAD = 150

export interface TaskList {
  readonly rows: PagedRows<TaskSummary>
  /** Counts up with every change, so that what depends on the rows is made again. */
  readonly version: number
  readonly isLoading: boolean
  readonly problem: ProblemError | undefined
  readonly live: 'connecting' | 'open' | 'broken' | 'over'
  onRange(first: number, last: number): void
  loadMore(): void
  reload(): void
}

/** The tasks that a filter finds, as many as are looked at, as they are now. */
export function useTaskList(filter: TaskFilter): TaskList {
  const [version, changed] = useReducer((count: number) => count + 1, 0)
  const [generation, reload] = useReducer((count: number) => count + 1, 0)
  const [problem, setProblem] = useState<ProblemError>()
  const key = JSON.stringify({ ...filter, text: undefined })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the filter that is asked for; a reload reads anew
  const list = useMemo(() => {
    const abort = new AbortController()
    return {
      abort,
      rows: new PagedRows<TaskSummary>(({ id }) => id),
      query: queryOf(filter, nowMs()),
      isBusy: false,
    }
  }, [key, generation])
  const current = useRef(list)
  current.current = list

  const read = useCallback(
    async (
      cursor: string | undefined,
      limit: number,
      put: (page: { rows: TaskSummary[]; nextCursor?: string }) => void,
    ) => {
      const of = current.current
      if (of.isBusy) return
      of.isBusy = true
      changed()
      try {
        const query = { ...of.query, limit, ...(cursor !== undefined && { cursor }) }
        const { tasks, nextCursor } = await ask(
          api.GET('/v1/tasks', { params: { query: query as object }, signal: of.abort.signal }),
        )
        put({ rows: (tasks ?? []) as TaskSummary[], ...(nextCursor !== undefined && { nextCursor }) })
        if (current.current === of) setProblem(undefined)
      } catch (error) {
        if (!of.abort.signal.aborted) setProblem(toProblemError(error))
      } finally {
        of.isBusy = false
        changed()
      }
    },
    [],
  )

  const loadMore = useCallback(() => {
    const { rows } = current.current
    if (!rows.isComplete)
      void read(rows.nextCursor, rows.isEmpty ? FIRST_PAGE : PAGE, (page) => rows.append(page))
  }, [read])

  useEffect(() => {
    if (list.rows.isEmpty) loadMore()
    return () => list.abort.abort()
  }, [list, loadMore])

  // What could not be had is asked for again, for as long as it is looked at.
  useEffect(() => {
    if (!problem) return
    const timer = setTimeout(loadMore, problem.retryAfterMs ?? 2000)
    return () => clearTimeout(timer)
  }, [problem, loadMore])

  const onRange = useCallback(
    (first: number, last: number) => {
      const { rows } = current.current
      const missing = rows.missing(first, last)
      if (missing) void read(missing.cursor, PAGE, (page) => rows.restore(missing.index, page.rows))
      else if (last >= rows.length - AHEAD && !rows.isEmpty) loadMore()
    },
    [read, loadMore],
  )

  const { state } = useLive('/v1/tasks/events', (events) => {
    const { rows } = current.current
    let isShort = false
    for (const { event, data } of events) {
      if (event === 'reset') isShort = true
      if (event !== 'tasks') continue
      for (const task of (data as { tasks: TaskSummary[] }).tasks) {
        // One that is shown stays, as what it has become; it leaves the list when that is read anew.
        if (!rows.has(task.id) && !matches(task, filter, nowMs())) continue
        if (!rows.upsert(task)) isShort = true
      }
    }
    if (isShort) reload()
    else changed()
  })

  return { rows: list.rows, version, isLoading: list.isBusy, problem, live: state, onRange, loadMore, reload }
}
