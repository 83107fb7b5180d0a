import { QueryClient } from '@tanstack/react-query'
import { whenSignedOut } from './api.ts'
import { isPassing, toProblemError } from './problem.ts'

const MAX_RETRIES = 8
const MAX_RETRY_MS = 10_000

/** What was asked for stays shown while it is asked again, and what passes is asked again by itself. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 120_000,
        // Whether the network is there is seen by asking: the browser's own word is no proof.
        networkMode: 'always',
        retry: (failures, error) => failures < MAX_RETRIES && isPassing(toProblemError(error)),
        retryDelay: (failures) => Math.min(MAX_RETRY_MS, 500 * 2 ** failures),
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
  whenSignedOut(() => void client.invalidateQueries({ queryKey: ['session'] }))
  return client
}
