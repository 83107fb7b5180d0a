import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Occurrence, Schedule, ScheduleSummary } from '#schemas/schedule.ts'
import { api, ask } from '../../data/api.ts'
import { sleep } from '../../data/clock.ts'
import type { Timetable } from './schedule-form.ts'

const REFRESH_MS = 3000

export function useSchedules() {
  const query = useInfiniteQuery({
    queryKey: ['schedules'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/schedules', {
          params: { query: { limit: 200, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: REFRESH_MS,
  })
  const schedules = (query.data?.pages ?? []).flatMap((page) => (page.schedules ?? []) as ScheduleSummary[])
  return { ...query, schedules }
}

export function useSchedule(name: string) {
  return useQuery({
    queryKey: ['schedule', name],
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/schedules/{name}', { params: { path: { name } }, signal })))
        .schedule as Schedule,
    refetchInterval: REFRESH_MS,
  })
}

/** Typing is over after so long. Milliseconds. */
const TYPING_MS = 250

/** The next runs of a timetable, asked for when typing has stopped; nothing is stored. */
export function usePreview(timetable: Timetable | undefined) {
  return useQuery({
    queryKey: ['schedule-preview', timetable],
    enabled: timetable !== undefined,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      await sleep(TYPING_MS, signal)
      const body = { ...timetable, count: 5 } as never
      const { nextRuns } = await ask(api.POST('/v1/schedules/preview', { body, signal }))
      return (nextRuns ?? []) as Occurrence[]
    },
  })
}

/** What can be done to a schedule; each throws ProblemError, and shows afterwards what is. */
export function useScheduleActions() {
  const client = useQueryClient()
  const after = async (name: string) => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['schedules'] }),
      client.invalidateQueries({ queryKey: ['schedule', name] }),
    ])
  }
  const at = (name: string) => ({ params: { path: { name } } })
  return {
    put: async (request: Record<string, unknown>) => {
      const { created } = await ask(api.POST('/v1/schedules', { body: request as never }))
      await after(String(request.name))
      return created ?? false
    },
    pause: async (name: string, reason: string) => {
      await ask(api.POST('/v1/schedules/{name}/pause', { ...at(name), body: reason ? { reason } : {} }))
      await after(name)
    },
    resume: async (name: string) => {
      await ask(api.POST('/v1/schedules/{name}/resume', { ...at(name), body: {} }))
      await after(name)
    },
    trigger: async (name: string, requestId: string) => {
      const { taskId } = await ask(
        api.POST('/v1/schedules/{name}/trigger', { ...at(name), body: { requestId } }),
      )
      await after(name)
      return taskId
    },
    remove: async (name: string) => {
      await ask(api.POST('/v1/schedules/{name}/delete', { ...at(name), body: {} }))
      client.removeQueries({ queryKey: ['schedule', name] })
      await client.invalidateQueries({ queryKey: ['schedules'] })
    },
  }
}
