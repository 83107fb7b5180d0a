import { useQuery } from '@tanstack/react-query'
import type { QueueLoad } from '#schemas/queue-load.ts'
import { api, ask } from '../../data/api.ts'

/** What waits for each agent type, and whose it is: for operators, so it may be refused. Two seconds old at most. */
export function useLoads() {
  return useQuery({
    queryKey: ['queue-loads'],
    queryFn: async ({ signal }) =>
      ((await ask(api.GET('/v1/queues', { signal }))).queues ?? []) as QueueLoad[],
    refetchInterval: ({ state }) => (state.error ? false : 2000),
  })
}
