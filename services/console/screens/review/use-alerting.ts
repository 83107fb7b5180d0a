import { useQuery } from '@tanstack/react-query'
import { api, ask } from '../../data/api.ts'

const REFRESH_MS = 5000

/** Whether a service that keeps alerts runs; undefined: not known. Asked again every few seconds, so that one that comes is noticed. */
export function useAlerting(): boolean | undefined {
  const { data } = useQuery({
    queryKey: ['agents', 'alerting'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const { agents = [] } = await ask(api.GET('/v1/agents', { signal }))
      return agents.some(({ type }) => type === 'alerting')
    },
  })
  return data
}
