import type { Clock } from '#platform/clock/clock.ts'
import { isForNow, MurmurError } from '#platform/errors/murmur-error.ts'
import { withAsking } from '#platform/requests/asking.ts'
import { HoldPlaces } from '#platform/requests/hold-places.ts'
import type { NatsOperationRef, ResponseInput } from '#subjects/operations.ts'
import type { Serving } from './bus.ts'
import { holdMsOf } from './hold-headers.ts'
import type { OperationHandler } from './request-reply.ts'

/** How long it is waited before a question is looked at again. Milliseconds. */
const AGAIN_MS = 250
/** Each looks four times a second; what waits for a partition to be folded takes none of these. */
const PLACES = { most: 1000, mostOfTenant: 500 }

/**
 * Answers that wait while nobody can give them: what is answered with UNAVAILABLE and soon to pass is tried again, for as long as whoever asks says,
 * and for 4 s where that is not said, since most clients of NATS wait for 5 s.
 */
export class HeldAnswers {
  readonly #clock: Clock
  readonly #places: HoldPlaces

  constructor(clock: Clock, places: HoldPlaces = new HoldPlaces(PLACES)) {
    this.#clock = clock
    this.#places = places
  }

  /** @param handler what it throws as UNAVAILABLE must not have been done, or do no harm when it is done again */
  of<Ref extends NatsOperationRef>(
    handler: OperationHandler<Ref>,
  ): (...asked: Parameters<OperationHandler<Ref>>) => Promise<ResponseInput<Ref> | Uint8Array> {
    return async (request, context) => {
      const untilMs = this.#clock.monotonicMs() + holdMsOf(context.message)
      return withAsking({ holdUntilMs: untilMs }, async () => {
        let place: (() => void) | undefined
        try {
          for (;;) {
            try {
              return await handler(request, context)
            } catch (error) {
              const mayPass = error instanceof MurmurError && isForNow(error.code)
              if (!mayPass || this.#clock.monotonicMs() + AGAIN_MS >= untilMs) throw error
              place ??= this.#places.take(context.tenant)
              if (!place) throw error
              await this.#clock.sleep(AGAIN_MS)
            }
          }
        } finally {
          place?.()
        }
      })
    }
  }
}

/** Serves operations whose answers wait. @param held undefined: none of them does @returns as `Bus.serve` */
export function heldBy(held: HeldAnswers | undefined, bus: Serving) {
  return <Ref extends NatsOperationRef>(ref: Ref, handler: OperationHandler<Ref>): (() => void) =>
    bus.serve(ref, held ? held.of(handler) : handler)
}
