import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { TaskSummary } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import type { Page, PageAsk, Reading } from '../../data/page-reading.ts'
import { PagedRows } from '../../data/paged-rows.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { useLive } from '../../data/use-live.ts'
import { matches, queryOf, type TaskFilter } from './task-filter.ts'

const FIRST_PAGE = 100
const PAGE = 500
/** The next page is asked for when so many rows are left below. */
const AHEAD = 150
/** Of the end of the list, which is read before what lies between. */
const END_PAGE = 100
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
      rows: new PagedRows<TaskSummary>(
        ({ id }) => id,
        ({ createdAtMs }) => createdAtMs,
      ),
      query: queryOf(filter, nowMs()),
      isBusy: false,
      /** What is seen has changed since it was looked at whether all of it is there. */
      isSeenWanted: false,
      searchedToMs: undefined as number | undefined,
    }
  }, [key, generation])
  const current = useRef(list)
  current.current = list

  // While a list is read anew, what it was stays shown.
  const known = useRef(list)
  if (!list.rows.isEmpty || list.rows.isComplete || known.current.key !== key) known.current = list
  const shown = known.current

  /** One page, of the list that is asked for when it begins; undefined: it can not be had, or is wanted no more. */
  const read = useCallback(async (where: PageAsk, limit: number): Promise<Page<TaskSummary> | undefined> => {
    const of = current.current
    try {
      const query = { ...of.query, ...placeQuery(where), limit }
      const answer = await ask(
        api.GET('/v1/tasks', { params: { query: query as object }, signal: of.abort.signal }),
      )
      if (current.current !== of) return undefined
      of.searchedToMs = answer.searchedToMs
      setProblem(undefined)
      return { rows: (answer.tasks ?? []) as TaskSummary[], nextCursor: answer.nextCursor }
    } catch (error) {
      if (!of.abort.signal.aborted) setProblem(toProblemError(error))
      return undefined
    }
  }, [])

  /** @returns whether it could be had */
  const fill = useCallback(
    async ({ ask: where, put }: Reading<TaskSummary>, limit: number): Promise<boolean> => {
      let page = await read(where, limit)
      // Where it is gone to a place, a page that has none of what a filter finds says nothing of it: those behind it are read, too.
      const isPlace = where.order !== undefined || where.createdBeforeMs !== undefined
      for (let reads = 1; isPlace && reads < MAX_READS && page?.rows.length === 0 && page.nextCursor; reads++)
        page = await read({ ...(where.order && { order: where.order }), cursor: page.nextCursor }, limit)
      if (page) put(page)
      changed()
      return page !== undefined
    },
    [read],
  )

  const range = useRef({ first: 0, last: 0 })
  /** Reads what is seen, wherever that has come to meanwhile. */
  const readSeen = useCallback(async () => {
    const { rows } = current.current
    for (let reads = 0; reads < MAX_READS; reads++) {
      const { first, last } = range.current
      const isNearEnd = last >= rows.length - AHEAD && !rows.isEmpty
      const reading = rows.wanted(first, last) ?? (isNearEnd ? rows.nextReading : undefined)
      if (!reading || !(await fill(reading, PAGE))) return
    }
  }, [fill])

  /** One after the other, since each page says where the next one begins. */
  const busy = useCallback(
    async (work: () => Promise<unknown>) => {
      const of = current.current
      of.isSeenWanted = true
      if (of.isBusy) return
      of.isBusy = true
      changed()
      await work()
      while (of.isSeenWanted && current.current === of && !of.abort.signal.aborted) {
        of.isSeenWanted = false
        await readSeen()
      }
      of.isBusy = false
      changed()
    },
    [readSeen],
  )

  const loadMore = useCallback(() => {
    const { rows } = current.current
    const wanted = rows.length + WANTED
    void busy(async () => {
      for (let reads = 0; reads < MAX_READS && rows.nextReading && rows.length < wanted; reads++) {
        const isFirst = rows.isEmpty
        if (!(await fill(rows.nextReading, isFirst ? FIRST_PAGE : PAGE))) return
        // So that the end can be gone to at once. A search says how far it has come instead.
        if (isFirst && rows.endReading && !filter.text) await fill(rows.endReading, END_PAGE)
      }
    })
  }, [fill, busy, filter.text])

  useEffect(() => {
    if (list.rows.isEmpty) loadMore()
    return () => list.abort.abort()
  }, [list, loadMore])

  // What could not be had is asked for again, for as long as it is looked at.
  useEffect(() => {
    if (!problem) return
    const again = () => (current.current.rows.isEmpty ? loadMore() : void busy(async () => undefined))
    const timer = setTimeout(again, problem.retryAfterMs ?? 2000)
    return () => clearTimeout(timer)
  }, [problem, loadMore, busy])

  const onRange = useCallback(
    (first: number, last: number) => {
      range.current = { first, last }
      if (!current.current.rows.isEmpty) void busy(async () => undefined)
    },
    [busy],
  )

  const { state } = useLive('/v1/tasks/events', (events) => {
    const { rows } = current.current
    let isShort = false
    // What a task has become may have brought it here, old as it is.
    const comesLate = filter.status !== undefined || filter.text !== undefined
    for (const { event, data } of events) {
      if (event === 'reset') isShort = true
      if (event !== 'tasks') continue
      for (const task of (data as { tasks: TaskSummary[] }).tasks) {
        // One that is shown stays, as what it has become; it leaves the list when that is read anew.
        if (!rows.has(task.id) && !matches(task, filter, nowMs())) continue
        if (!rows.upsert(task, comesLate)) isShort = true
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

/** How the API is told where a page begins. */
function placeQuery({ order, cursor, createdFromMs, createdBeforeMs }: PageAsk): Record<string, string> {
  return {
    ...(order && { order }),
    ...(cursor !== undefined && { cursor }),
    ...(createdFromMs !== undefined && { createdFrom: String(createdFromMs) }),
    ...(createdBeforeMs !== undefined && { createdBefore: String(createdBeforeMs) }),
  }
}
