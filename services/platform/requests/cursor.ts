import type { ListOrder } from '#schemas/task-requests.ts'
import { MurmurError } from '../errors/murmur-error.ts'

/** Where a page of a list ended. Lists are ordered by a time, newest first; of the same time, the larger id first. Or just the other way round. */
export interface PageEnd {
  /** Unix ms, maybe with a fraction. */
  atMs: number
  /** Of the last item: letters, digits, `_` and `-`. */
  id: string
}

/** Opaque to clients; the version lets us change what is in it. Pure. */
export function encodeCursor({ atMs, id }: PageEnd): string {
  return Buffer.from(`1 ${atMs} ${id}`).toString('base64url')
}

/**
 * The end of the page that an earlier answer gave as its `nextCursor`. Pure.
 * @throws MurmurError INVALID_REQUEST for a cursor that is none
 */
export function decodeCursor(cursor: string): PageEnd {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, atMs, id] = /^1 (\d{1,16}(?:\.\d+)?) ([\w-]{1,128})$/.exec(text) ?? []
  if (atMs === undefined || id === undefined)
    throw new MurmurError('INVALID_REQUEST', 'the request is not valid: cursor is none of this list', {
      issues: [{ path: 'cursor', message: 'must be the nextCursor of an earlier answer' }],
    })
  return { atMs: Number(atMs), id }
}

/** Whether an item stands behind the end of a page, so on the next one. Pure. */
export function isBehind(item: PageEnd, end: PageEnd, order: ListOrder = 'newest'): boolean {
  const [later, earlier] = order === 'newest' ? [end, item] : [item, end]
  return earlier.atMs < later.atMs || (earlier.atMs === later.atMs && earlier.id < later.id)
}
