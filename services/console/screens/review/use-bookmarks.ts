import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { AddBookmarkRequest, Bookmark } from '#schemas/bookmark.ts'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { toProblemError } from '../../data/problem.ts'

const REFRESH_MS = 15_000
const PAGE = 500
/** As many as a tenant may have. */
const MAX_PAGES = 2

/** All bookmarks, the latest moment first. */
export function useBookmarks() {
  return useQuery({
    queryKey: ['bookmarks'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const found: Bookmark[] = []
      let cursor: string | undefined
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) }
        const answer = await ask(api.GET('/v1/bookmarks', { params: { query }, signal }))
        found.push(...((answer.bookmarks ?? []) as Bookmark[]))
        cursor = answer.nextCursor
        if (cursor === undefined) break
      }
      return found
    },
  })
}

/** Keeps and takes away bookmarks; each says how it went. */
export function useBookmarkChanges(person: string) {
  const client = useQueryClient()
  const asked = () => client.invalidateQueries({ queryKey: ['bookmarks'] })
  return {
    /** @throws ProblemError */
    add: async (request: AddBookmarkRequest) => {
      const { bookmark } = await ask(api.POST('/v1/bookmarks', { body: { ...request, by: person } as never }))
      await asked()
      toast({ title: `${(bookmark as Bookmark).camera} is bookmarked` })
    },
    remove: async ({ id, camera }: Pick<Bookmark, 'id' | 'camera'>) => {
      try {
        await ask(api.DELETE('/v1/bookmarks/{id}', { params: { path: { id } } }))
        toast({ title: `The bookmark of ${camera} is gone` })
      } catch (error) {
        toastProblem(toProblemError(error), 'The bookmark was not taken away')
      }
      await asked()
    },
  }
}
