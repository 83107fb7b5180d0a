import { useQuery } from '@tanstack/react-query'
import type { TaskState, TaskSummary } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { readMonitorRequest } from './read-request.ts'

const REFRESH_MS = 10_000
const RECENT = 30

/** Monitors that ended lately, the newest first. */
export function useEndedMonitors() {
  return useQuery({
    queryKey: ['monitors'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const query = { limit: RECENT }
      const { tasks } = await ask(api.GET('/v1/monitors', { params: { query }, signal }))
      return ((tasks ?? []) as TaskSummary[]).filter(({ finishedAtMs }) => finishedAtMs !== undefined)
    },
  })
}

/** What a monitor was asked to do. It never changes. */
export function monitorRequestQuery(monitor: string) {
  return {
    queryKey: ['monitor-request', monitor],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const { task } = await ask(api.GET('/v1/tasks/{id}', { params: { path: { id: monitor } }, signal }))
      return readMonitorRequest((task as TaskState).input)
    },
  }
}
export function useMonitorRequest(monitor: string) {
  return useQuery(monitorRequestQuery(monitor))
}

/** A monitor as a task: what became of it. */
export function useMonitorTask(monitor: string) {
  return useQuery({
    queryKey: ['monitor-task', monitor],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const { task } = await ask(api.GET('/v1/tasks/{id}', { params: { path: { id: monitor } }, signal }))
      return task as TaskState
    },
  })
}
