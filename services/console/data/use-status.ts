import { useQuery } from '@tanstack/react-query'
import type { SystemStatus } from '#schemas/system-status.ts'
import { api, ask } from './api.ts'

/** Queues, agents, service levels and storage, two seconds old at most. */
export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/status', { signal }))) as SystemStatus,
    refetchInterval: 2000,
  })
}
