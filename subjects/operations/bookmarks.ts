import {
  addBookmarkRequestSchema,
  bookmarkExample,
  bookmarkResponseSchema,
  listBookmarksRequestSchema,
  listBookmarksResponseSchema,
  removeBookmarkRequestSchema,
} from '#schemas/bookmark.ts'
import { ALERTING } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { CURSOR, fields, id, idOf, list, MOMENT, query, ref } from './rest-route.ts'

const ONE = fields({ bookmark: ref('Bookmark') })
const ADDED = { alert: bookmarkExample.alert!, note: bookmarkExample.note!, by: 'anna' }
const CAMERA = { type: 'string', maxLength: 64 }
const PERSON = { type: 'string', minLength: 1, maxLength: 256 }

/** What people want to find again: alerts, review items, moments of a camera. */
export const BOOKMARK_OPERATIONS = {
  addBookmark: onNats({
    summary: 'Somebody wants to find an alert, a review item or a moment of a camera again.',
    subject: 'murmur.bookmarks.add',
    service: ALERTING,
    per: 'tenant',
    request: message('AddBookmark', addBookmarkRequestSchema, ADDED),
    response: message('Bookmarked', bookmarkResponseSchema, { bookmark: bookmarkExample }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['ALERT_NOT_FOUND', 'REVIEW_NOT_FOUND', 'LIMIT_EXCEEDED'],
    grpc: ['AlertService.AddBookmark'],
    rest: [
      {
        method: 'POST',
        path: '/v1/bookmarks',
        tag: 'Alerts',
        summary: 'Bookmark an alert, a review item or a moment of a camera',
        body: { schema: ref('AddBookmark'), example: ADDED },
        answers: [{ status: 201, about: 'It is kept.', schema: ONE }],
      },
    ],
  }),
  listBookmarks: onNats({
    summary: 'Bookmarks, the latest moment first, page by page.',
    subject: 'murmur.bookmarks.list',
    service: ALERTING,
    per: 'tenant',
    request: message('ListBookmarks', listBookmarksRequestSchema, { camera: 'yard', by: 'anna' }),
    response: message('Bookmarks', listBookmarksResponseSchema, { bookmarks: [bookmarkExample] }),
    scope: 'alerts:read',
    grpc: ['AlertService.ListBookmarks'],
    rest: [
      {
        method: 'GET',
        path: '/v1/bookmarks',
        tag: 'Alerts',
        summary: 'List bookmarks, the latest moment first, page by page',
        parameters: [
          query('camera', 'Only of this one.', CAMERA),
          query('alert', 'Only those of this alert.', { type: 'string', minLength: 1, maxLength: 128 }),
          query('review', 'Only those of this review item.', idOf('r')),
          query('by', 'Only those of this person.', PERSON),
          query('text', 'Only those with this in their note.', {
            ...{ type: 'string', minLength: 1, maxLength: 100 },
          }),
          query('since', 'Of moments then or later: RFC 3339 or Unix milliseconds.', MOMENT),
          query('before', 'Of moments before then.', MOMENT),
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
          query('cursor', 'nextCursor of the last page.', CURSOR),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ bookmarks: list(ref('Bookmark')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  removeBookmark: onNats({
    summary: 'Takes a bookmark away.',
    subject: 'murmur.bookmarks.remove',
    service: ALERTING,
    per: 'tenant',
    request: message('RemoveBookmark', removeBookmarkRequestSchema, { id: bookmarkExample.id, by: 'anna' }),
    response: message('RemovedBookmark', bookmarkResponseSchema, {
      bookmark: { ...bookmarkExample, removedAtMs: 1_790_000_600_000, removedBy: 'anna' },
    }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['BOOKMARK_NOT_FOUND'],
    grpc: ['AlertService.RemoveBookmark'],
    rest: [
      {
        method: 'DELETE',
        path: '/v1/bookmarks/{id}',
        tag: 'Alerts',
        summary: 'Take a bookmark away',
        parameters: [{ ...id('bookmark'), schema: idOf('b') }],
        answers: [{ status: 200, about: 'What it was.', schema: ONE }],
      },
    ],
  }),
} as const
