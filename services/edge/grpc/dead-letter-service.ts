import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { ChangeDeadLettersResponse, DeadLetter } from '#schemas/dead-letter.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import { present } from './from-proto.ts'
import {
  DeadLetterServiceService,
  type DeadLetter as ProtoLetter,
  type PurgeDeadLettersRequest,
  type ReplayDeadLettersRequest,
} from './generated/v1/dead_letter_service.ts'
import { whole } from './whole.ts'

/** DeadLetterService over the gateway. */
export function deadLetterService(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = DeadLetterServiceService
  const { deadLetters } = deps.gateway
  return {
    listDeadLetters: unary(deps, 'listDeadLetters', is.listDeadLetters, async (request, { caller }) => {
      const page = await deadLetters.list(caller.tenant, present(request))
      return { deadLetters: page.deadLetters.map(letterMessage), nextCursor: page.nextCursor }
    }),
    getDeadLetter: unary(deps, 'getDeadLetter', is.getDeadLetter, async ({ seq }, { caller }) => {
      const { deadLetter, content } = await deadLetters.get(caller.tenant, { seq })
      return { deadLetter: letterMessage(deadLetter), content }
    }),
    replayDeadLetters: unary(
      deps,
      'replayDeadLetters',
      is.replayDeadLetters,
      async (request, { caller, isAbout }) => {
        isAbout(targetOf(request))
        return changeMessage(await deadLetters.replay(caller.tenant, selectionJson(request)))
      },
    ),
    purgeDeadLetters: unary(
      deps,
      'purgeDeadLetters',
      is.purgeDeadLetters,
      async (request, { caller, isAbout }) => {
        isAbout(targetOf(request))
        return changeMessage(await deadLetters.purge(caller.tenant, selectionJson(request)))
      },
    ),
  }
}

type Selecting = ReplayDeadLettersRequest | PurgeDeadLettersRequest

/** What is set of it: a list can't be unset, an empty one is none. */
function selectionJson({ seqs = [], filter, ...rest }: Selecting): JsonObject {
  return present({ ...rest, seqs: seqs.length > 0 ? seqs : undefined, filter: filter && present(filter) })
}

function targetOf({ seqs = [], filter }: Selecting): string {
  return seqs.length > 0 ? seqs.join(',') : JSON.stringify(filter ?? {})
}

function letterMessage({ atMs, replayed, ...letter }: DeadLetter): ProtoLetter {
  const became = replayed && { ...replayed, atMs: whole(replayed.atMs) }
  return { ...letter, atMs: whole(atMs), ...(became && { replayed: became }) }
}

function changeMessage({ results, nextCursor }: ChangeDeadLettersResponse) {
  const messages = results.map(({ deadLetter, ...result }) => ({
    ...result,
    ...(deadLetter && { deadLetter: letterMessage(deadLetter) }),
  }))
  return { results: messages, nextCursor }
}
