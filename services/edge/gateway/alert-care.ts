import type { Bus } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { changeAlertsRequestSchema } from '#schemas/alert-changes.ts'
import {
  addBookmarkRequestSchema,
  listBookmarksRequestSchema,
  removeBookmarkRequestSchema,
} from '#schemas/bookmark.ts'
import type {
  FalsePositive,
  ListFalsePositivesRequest,
  ListFalsePositivesResponse,
  MarkFalsePositiveRequest,
} from '#schemas/false-positive.ts'
import {
  getReviewRequestSchema,
  listReviewsRequestSchema,
  markReviewsRequestSchema,
} from '#schemas/review.ts'
import { addSnoozeRequestSchema, endSnoozeRequestSchema, listSnoozesRequestSchema } from '#schemas/snooze.ts'
import type { ResponseOf } from '#subjects/operations.ts'

/** Answers are those of our own services, which have made them from checked parts. */
const PASSED_ON = { isTrusted: true } as const
/** Many alerts at once take their time. */
const MANY_TIMEOUT_MS = 20_000

/** Who asks: where the request names nobody, it is he who has the credential. */
export interface AskedBy {
  readonly tenant: string
  readonly subject: string
}

/** What people do about alerts beside changing one: many at once, reviews, snoozes, bookmarks, false positives; for whatever transport they came through. */
export class AlertCareGateway {
  readonly #bus: Pick<Bus, 'call'>

  constructor(bus: Pick<Bus, 'call'>) {
    this.#bus = bus
  }

  /** @throws MurmurError INVALID_REQUEST, UNAVAILABLE */
  changeAlerts({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'changeAlerts'>> {
    const checked = checkRequest(changeAlertsRequestSchema, { by: subject, ...request })
    return this.#bus.call('changeAlerts', checked, { ...PASSED_ON, tenant, timeoutMs: MANY_TIMEOUT_MS })
  }

  /** One page, newest first. @throws MurmurError INVALID_REQUEST, UNAVAILABLE */
  listReviews(tenant: string, request: object): Promise<ResponseOf<'listReviews'>> {
    const checked = checkRequest(listReviewsRequestSchema, request)
    return this.#bus.call('listReviews', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError REVIEW_NOT_FOUND, also for those of others; UNAVAILABLE */
  getReview(tenant: string, request: object): Promise<ResponseOf<'getReview'>> {
    const checked = checkRequest(getReviewRequestSchema, request)
    return this.#bus.call('getReview', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError INVALID_REQUEST, UNAVAILABLE */
  markReviews({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'markReviews'>> {
    const checked = checkRequest(markReviewsRequestSchema, { by: subject, ...request })
    return this.#bus.call('markReviews', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError INVALID_REQUEST, LIMIT_EXCEEDED, UNAVAILABLE */
  addSnooze({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'addSnooze'>> {
    const checked = checkRequest(addSnoozeRequestSchema, { by: subject, ...request })
    return this.#bus.call('addSnooze', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError UNAVAILABLE */
  listSnoozes(tenant: string, request: object): Promise<ResponseOf<'listSnoozes'>> {
    const checked = checkRequest(listSnoozesRequestSchema, request)
    return this.#bus.call('listSnoozes', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError SNOOZE_NOT_FOUND, also for those of others; UNAVAILABLE */
  endSnooze({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'endSnooze'>> {
    const checked = checkRequest(endSnoozeRequestSchema, { by: subject, ...request })
    return this.#bus.call('endSnooze', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError ALERT_NOT_FOUND, REVIEW_NOT_FOUND, INVALID_REQUEST, LIMIT_EXCEEDED, UNAVAILABLE */
  addBookmark({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'addBookmark'>> {
    const checked = checkRequest(addBookmarkRequestSchema, { by: subject, ...request })
    return this.#bus.call('addBookmark', checked, { ...PASSED_ON, tenant })
  }

  /** One page, the latest moment first. @throws MurmurError INVALID_REQUEST, UNAVAILABLE */
  listBookmarks(tenant: string, request: object): Promise<ResponseOf<'listBookmarks'>> {
    const checked = checkRequest(listBookmarksRequestSchema, request)
    return this.#bus.call('listBookmarks', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError BOOKMARK_NOT_FOUND, also for those of others; UNAVAILABLE */
  removeBookmark({ tenant, subject }: AskedBy, request: object): Promise<ResponseOf<'removeBookmark'>> {
    const checked = checkRequest(removeBookmarkRequestSchema, { by: subject, ...request })
    return this.#bus.call('removeBookmark', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError ALERT_NOT_FOUND, INVALID_REQUEST (no single object), LIMIT_EXCEEDED */
  async markFalsePositive(tenant: string, request: MarkFalsePositiveRequest): Promise<FalsePositive> {
    return (await this.#bus.call('markFalsePositive', request, { ...PASSED_ON, tenant })).falsePositive
  }

  falsePositives(tenant: string, request: ListFalsePositivesRequest): Promise<ListFalsePositivesResponse> {
    return this.#bus.call('listFalsePositives', request, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError FALSE_POSITIVE_NOT_FOUND */
  async removeFalsePositive(tenant: string, id: string): Promise<FalsePositive> {
    return (await this.#bus.call('removeFalsePositive', { id }, { ...PASSED_ON, tenant })).falsePositive
  }
}
