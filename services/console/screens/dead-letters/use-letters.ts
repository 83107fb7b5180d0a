import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { DeadLetter, DeadLetterFilter, GetDeadLetterResponse } from '#schemas/dead-letter.ts'
import { api, ask } from '../../data/api.ts'
import { letterQueryOf } from './letter-filter.ts'

const PAGE = 100

/** Letters that a filter finds, newest first, as many as were looked at. */
export function useLetters(filter: DeadLetterFilter | undefined) {
  const query = useInfiniteQuery({
    queryKey: ['dead-letters', filter ?? {}],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/dead-letters', {
          params: {
            query: {
              ...letterQueryOf(filter),
              limit: PAGE,
              ...(pageParam && { cursor: pageParam }),
            } as { limit: number },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: 5000,
  })
  const letters = (query.data?.pages ?? []).flatMap(({ deadLetters }) => (deadLetters ?? []) as DeadLetter[])
  return { ...query, letters }
}

/** One letter, with all that it holds. */
export function useLetter(seq: number) {
  return useQuery({
    queryKey: ['dead-letter', seq],
    queryFn: async ({ signal }) =>
      (await ask(
        api.GET('/v1/dead-letters/{seq}', { params: { path: { seq } }, signal }),
      )) as GetDeadLetterResponse,
    refetchInterval: 5000,
  })
}
