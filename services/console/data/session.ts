import { useQuery, useQueryClient } from '@tanstack/react-query'
import { askPath } from './api.ts'

/** Who is signed in, as the edge says it. */
export interface SessionView {
  readonly auth: 'none' | 'required'
  readonly signedIn: boolean
  readonly tenant?: string
  readonly subject?: string
  readonly scopes?: readonly string[]
  readonly untilMs?: number
  readonly issuers?: readonly string[]
  /** Where metrics and traces are seen, as the edge is told. */
  readonly links?: { readonly grafana?: string; readonly jaeger?: string }
}

const KEY = ['session']

export function useSession() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => askPath<SessionView>('/v1/session', { signal }),
    staleTime: 60_000,
  })
}

export function useSignIn() {
  const client = useQueryClient()
  return {
    /** @throws ProblemError when the credential does not hold */
    signIn: async (credential: string) => {
      const session = await askPath<SessionView>('/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ credential }),
      })
      client.setQueryData(KEY, session)
    },
    signOut: async () => {
      await askPath('/v1/session', { method: 'DELETE' })
      client.clear()
      await client.invalidateQueries()
    },
  }
}
