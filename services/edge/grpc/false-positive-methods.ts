import { checkRequest } from '#platform/requests/check-request.ts'
import {
  type CountedFalsePositive,
  type FalsePositive,
  listFalsePositivesRequestSchema,
  markFalsePositiveRequestSchema,
  removeFalsePositiveRequestSchema,
} from '#schemas/false-positive.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import { present } from './from-proto.ts'
import {
  AlertServiceService,
  type FalsePositive as ProtoFalsePositive,
} from './generated/v1/alert_service.ts'

/** The methods of AlertService about what cameras take for something that it is not. */
export function falsePositiveMethods(deps: CallDeps & { gateway: Gateway }) {
  const is = AlertServiceService
  const { gateway } = deps
  return {
    markFalsePositive: unary(
      deps,
      'markFalsePositive',
      is.markFalsePositive,
      async (request, { caller, isAbout }) => {
        isAbout(request.id)
        const marked = checkRequest(markFalsePositiveRequestSchema, present(request))
        return {
          falsePositive: falsePositiveMessage(
            await gateway.alertCare.markFalsePositive(caller.tenant, marked),
          ),
        }
      },
    ),
    listFalsePositives: unary(
      deps,
      'listFalsePositives',
      is.listFalsePositives,
      async (request, { caller }) => {
        const wanted = checkRequest(listFalsePositivesRequestSchema, present(request))
        const { falsePositives, more } = await gateway.alertCare.falsePositives(caller.tenant, wanted)
        return { falsePositives: falsePositives.map(falsePositiveMessage), more }
      },
    ),
    removeFalsePositive: unary(
      deps,
      'removeFalsePositive',
      is.removeFalsePositive,
      async (request, { caller, isAbout }) => {
        isAbout(request.id)
        const { id } = checkRequest(removeFalsePositiveRequestSchema, present(request))
        return {
          falsePositive: falsePositiveMessage(await gateway.alertCare.removeFalsePositive(caller.tenant, id)),
        }
      },
    ),
  }
}

function falsePositiveMessage(one: FalsePositive & Partial<CountedFalsePositive>): ProtoFalsePositive {
  const { lastSuppressedAtMs } = one
  return {
    ...one,
    box: [...one.box],
    markedAtMs: Math.round(one.markedAtMs),
    lastSuppressedAtMs: lastSuppressedAtMs === undefined ? undefined : Math.round(lastSuppressedAtMs),
  }
}
