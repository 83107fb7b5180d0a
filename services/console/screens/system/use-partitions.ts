import { useQuery } from '@tanstack/react-query'
import type { PartitionsView } from '#schemas/partition-epochs.ts'
import { api, ask } from '../../data/api.ts'

/** Partitions of the log: for operators, so it may be refused. */
export function usePartitions() {
  return useQuery({
    queryKey: ['partitions'],
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/partitions', { signal }))) as PartitionsView,
    refetchInterval: ({ state }) => (state.error ? false : 3000),
  })
}
