import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ask } from '../../data/api.ts'
import { isPassing, toProblemError } from '../../data/problem.ts'

const KEY = ['task-type-pauses']

/** Types of tasks that are paused, by name: for operators, so it may be refused. */
export function usePauses() {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/task-types/paused', { signal }))).paused ?? [],
    refetchInterval: ({ state }) => (state.error ? false : 5000),
    retry: (_count, error) => isPassing(toProblemError(error)),
  })
  return {
    pauses: query.data ?? [],
    /** @throws ProblemError */
    setPause: async (name: string, paused: boolean, reason?: string): Promise<void> => {
      await ask(
        api.POST('/v1/task-types/{name}/pause', {
          params: { path: { name } },
          body: { paused, ...(reason && { reason }) },
        }),
      )
      await client.invalidateQueries({ queryKey: KEY })
    },
  }
}
