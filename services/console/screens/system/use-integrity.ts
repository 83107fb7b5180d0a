import { useQuery } from '@tanstack/react-query'
import type { IntegrityView } from '#schemas/integrity.ts'
import { api, ask } from '../../data/api.ts'

/** What the auditor of the log has found; null: nobody audits. For operators, so it may be refused. */
export function useIntegrity() {
  return useQuery({
    queryKey: ['integrity'],
    queryFn: async ({ signal }) =>
      ((await ask(api.GET('/v1/integrity', { signal }))).integrity ?? null) as IntegrityView | null,
    refetchInterval: ({ state }) => (state.error ? false : 3000),
  })
}
