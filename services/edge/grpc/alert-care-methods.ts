import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { ChangeAlertsResponse } from '#schemas/alert-changes.ts'
import type { MarkReviewsResponse, Review } from '#schemas/review.ts'
import type { Snooze } from '#schemas/snooze.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import { present } from './from-proto.ts'
import {
  type AcknowledgeAlertsRequest,
  AlertServiceService,
  type Review as ProtoReview,
  type Snooze as ProtoSnooze,
} from './generated/v1/alert_service.ts'
import { alertMessage } from './to-proto.ts'
import { whole, wholeOrNone } from './whole.ts'

/** The methods of AlertService about many alerts, review items and snoozes. */
export function alertCareMethods(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = AlertServiceService
  const { alertCare } = deps.gateway
  const change = async (
    { ids = [], filter, ...rest }: AcknowledgeAlertsRequest,
    status: 'acknowledged' | 'resolved',
    { caller, isAbout }: CallContext,
  ) => {
    isAbout(ids.length > 0 ? ids.join(',') : JSON.stringify(filter ?? {}))
    // A list can't be unset: an empty one is none.
    const selection = { ids: ids.length > 0 ? ids : undefined, filter: filter && present(filter) }
    return changedMessage(await alertCare.changeAlerts(caller, present({ ...rest, ...selection, status })))
  }
  return {
    acknowledgeAlerts: unary(deps, 'changeAlerts', is.acknowledgeAlerts, (request, context) =>
      change(request, 'acknowledged', context),
    ),
    resolveAlerts: unary(deps, 'changeAlerts', is.resolveAlerts, (request, context) =>
      change(request, 'resolved', context),
    ),
    listReviews: unary(deps, 'listReviews', is.listReviews, async (request, { caller }) => {
      const { reviews, nextCursor } = await alertCare.listReviews(caller.tenant, present(request))
      return { reviews: reviews.map(reviewMessage), nextCursor }
    }),
    getReview: unary(deps, 'getReview', is.getReview, async ({ id }, { caller }) => {
      const { review, alerts } = await alertCare.getReview(caller.tenant, { id })
      return { review: reviewMessage(review), alerts: alerts.map(alertMessage) }
    }),
    markReviews: unary(deps, 'markReviews', is.markReviews, async (request, { caller, isAbout }) => {
      isAbout((request.ids ?? []).join(','))
      return markedMessage(await alertCare.markReviews(caller, present(request)))
    }),
    addSnooze: unary(deps, 'addSnooze', is.addSnooze, async (request, { caller, isAbout }) => {
      isAbout(request.camera)
      return { snooze: snoozeMessage((await alertCare.addSnooze(caller, present(request))).snooze) }
    }),
    listSnoozes: unary(deps, 'listSnoozes', is.listSnoozes, async (request, { caller }) => {
      const { snoozes } = await alertCare.listSnoozes(caller.tenant, present(request))
      return { snoozes: snoozes.map(snoozeMessage) }
    }),
    endSnooze: unary(deps, 'endSnooze', is.endSnooze, async (request, { caller, isAbout }) => {
      isAbout(request.id)
      return { snooze: snoozeMessage((await alertCare.endSnooze(caller, present(request))).snooze) }
    }),
  }
}

function changedMessage({ results, nextCursor }: ChangeAlertsResponse) {
  return { results: results.map((result) => ({ ...result })), nextCursor }
}

function markedMessage({ results }: MarkReviewsResponse) {
  return {
    results: results.map(({ review, ...result }) => ({
      ...result,
      ...(review && { review: reviewMessage(review) }),
    })),
  }
}

function reviewMessage(review: Review): ProtoReview {
  const { beganAtMs, endedAtMs, raisedAtMs, reviewedBy, ...same } = review
  return {
    ...same,
    beganAtMs: whole(beganAtMs),
    endedAtMs: whole(endedAtMs),
    raisedAtMs: whole(raisedAtMs),
    reviewedBy: reviewedBy.map(({ by, atMs }) => ({ by, atMs: whole(atMs) })),
  }
}

function snoozeMessage({ fromMs, untilMs, endedAtMs, ...same }: Snooze): ProtoSnooze {
  return {
    ...same,
    fromMs: whole(fromMs),
    untilMs: whole(untilMs),
    endedAtMs: wholeOrNone(endedAtMs),
  }
}
