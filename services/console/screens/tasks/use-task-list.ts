import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { TaskSummary } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import { PagedRows } from '../../data/paged-rows.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { useLive } from '../../data/use-live.ts'
import { matches, queryOf, type TaskFilter } from './task-filter.ts'

const FIRST_PAGE = 100
const PAGE = 500
/** The next page is asked for when so many rows are left below. */
const AHEAD = 150
/** A page may have few of what a filter finds, or none: then more are read, until there are so many, or it was this often. */
const WANTED = 50
const MAX_READS = 20

export interface TaskList {
  readonly rows: PagedRows<TaskSummary>
  /** Counts up with every change, so that what depends on the rows is made again. */
  readonly version: number
  readonly isLoading: boolean
  /** All tasks created later than this were looked at; undefined: not known, or all. Unix milliseconds. */
  readonly searchedToMs: number | undefined
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
  const key = JSON.stringify(filter)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the filter that is asked for; a reload reads anew
  const list = useMemo(() => {
    const abort = new AbortController()
    return {
      key,
      abort,
      rows: new PagedRows<TaskSummary>(({ id }) => id),
      query: queryOf(filter, nowMs()),
      isBusy: false,
      searchedToMs: undefined as number | undefined,
    }
  }, [key, generation])
  const current = useRef(list)
  current.current = list

  // While a list is read anew, what it was stays shown.
  const known = useRef(list)
  if (!list.rows.isEmpty || list.rows.isComplete || known.current.key !== key) known.current = list
  const shown = known.current

  const read = useCallback(
    async (
      cursor: string | undefined,
      limit: number,
      put: (page: { rows: TaskSummary[]; nextCursor?: string }) => void,
    ): Promise<boolean> => {
      const of = current.current
      try {
        const query = { ...of.query, limit, ...(cursor !== undefined && { cursor }) }
        const { tasks, nextCursor, searchedToMs } = await ask(
          api.GET('/v1/tasks', { params: { query: query as object }, signal: of.abort.signal }),
        )
        put({ rows: (tasks ?? []) as TaskSummary[], ...(nextCursor !== undefined && { nextCursor }) })
        of.searchedToMs = searchedToMs
        if (current.current === of) setProblem(undefined)
        return current.current === of
      } catch (error) {
        if (!of.abort.signal.aborted) setProblem(toProblemError(error))
        return false
      }
    },
    [],
  )

  /** One after the other, since each page says where the next one begins. */
  const busy = useCallback(async (work: () => Promise<unknown>) => {
    const of = current.current
    if (of.isBusy) return
    of.isBusy = true
    changed()
    await work()
    of.isBusy = false
    changed()
  }, [])

  const loadMore = useCallback(() => {
    const { rows } = current.current
    const wanted = rows.length + WANTED
    void busy(async () => {
      for (let reads = 0; reads < MAX_READS && !rows.isComplete && rows.length < wanted; reads++) {
        const limit = rows.isEmpty ? FIRST_PAGE : PAGE
        if (!(await read(rows.nextCursor, limit, (page) => rows.append(page)))) return
        changed()
      }
    })
  }, [read, busy])

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
      if (missing)
        void busy(() => read(missing.cursor, PAGE, (page) => rows.restore(missing.index, page.rows)))
      else if (last >= rows.length - AHEAD && !rows.isEmpty) loadMore()
    },
    [read, busy, loadMore],
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

  return {
    rows: shown.rows,
    version,
    isLoading: list.isBusy,
    searchedToMs: list.searchedToMs,
    problem,
    live: state,
    onRange,
    loadMore,
    reload,
  }
}
