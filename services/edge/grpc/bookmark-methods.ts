import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Bookmark } from '#schemas/bookmark.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import { present } from './from-proto.ts'
import { AlertServiceService, type Bookmark as ProtoBookmark } from './generated/v1/alert_service.ts'
import { whole, wholeOrNone } from './whole.ts'

/** The methods of AlertService about what people want to find again. */
export function bookmarkMethods(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = AlertServiceService
  const { alertCare } = deps.gateway
  return {
    addBookmark: unary(deps, 'addBookmark', is.addBookmark, async (request, { caller, isAbout }) => {
      isAbout(request.alert ?? request.review ?? request.camera)
      return { bookmark: bookmarkMessage((await alertCare.addBookmark(caller, present(request))).bookmark) }
    }),
    listBookmarks: unary(deps, 'listBookmarks', is.listBookmarks, async (request, { caller }) => {
      const { bookmarks, nextCursor } = await alertCare.listBookmarks(caller.tenant, present(request))
      return { bookmarks: bookmarks.map(bookmarkMessage), nextCursor }
    }),
    removeBookmark: unary(deps, 'removeBookmark', is.removeBookmark, async (request, { caller, isAbout }) => {
      isAbout(request.id)
      return {
        bookmark: bookmarkMessage((await alertCare.removeBookmark(caller, present(request))).bookmark),
      }
    }),
  }
}

function bookmarkMessage({ atMs, madeAtMs, removedAtMs, ...same }: Bookmark): ProtoBookmark {
  return {
    ...same,
    atMs: whole(atMs),
    madeAtMs: whole(madeAtMs),
    removedAtMs: wholeOrNone(removedAtMs),
  }
}
