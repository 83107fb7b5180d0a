import { useQuery } from '@tanstack/react-query'
import { api, ask } from '../data/api.ts'
import { useSession } from '../data/session.ts'
import type { NavRow } from './screens.ts'

const REFRESH_MS = 10_000
/** Above this it is many. */
const COUNTED = 100

/** Counts that stand beside entries of the navigation; 0 shows none. A screen that has one adds its query here. */
export function useBadges(): Readonly<Partial<Record<NonNullable<NavRow['badge']>, number>>> {
  const { data: session } = useSession()
  const inbox = useQuery({
    queryKey: ['inbox', 'count'],
    refetchInterval: REFRESH_MS,
    enabled: session?.signedIn === true || session?.auth === 'none',
    // A badge that can not be had is none: whoever may not read alerts has no use for it.
    retry: false,
    queryFn: async ({ signal }) => {
      const query = { limit: COUNTED }
      const countAlerts = async () => {
        // Without video nobody has alerts, and asking would only be refused.
        const { agents = [] } = await ask(api.GET('/v1/agents', { signal }))
        if (!agents.some(({ type }) => type === 'alerting')) return 0
        const open = { ...query, status: 'open' } as const
        return (await ask(api.GET('/v1/alerts', { params: { query: open }, signal }))).alerts?.length ?? 0
      }
      const countApprovals = async () =>
        (await ask(api.GET('/v1/approvals', { params: { query }, signal }))).approvals?.length ?? 0
      const counts = await Promise.allSettled([countApprovals(), countAlerts()])
      return counts.reduce((sum, count) => sum + (count.status === 'fulfilled' ? count.value : 0), 0)
    },
  })
  return { inbox: inbox.data ?? 0 }
}
