import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { openStep } from '#platform/secrets/step-sealing.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type StepMessage, type StepOutcome, stepMessageSchema } from '#schemas/step-message.ts'
import { outcomeOfThrown } from './handle-step.ts'

/** A step with its input as it was; one that was changed, with what it comes to; or why it has to wait for its key. */
export type OpenedStep =
  | { step: StepMessage; fault?: StepOutcome }
  | { step?: undefined; missing: MurmurError }

/**
 * After so long a step whose key is missing comes again: its file is read again within seconds. Twice as long each time: the
 * fifty times that a message may be handed out are three quarters of an hour.
 */
const WAIT_FOR_KEY_MS = 1000
const LONGEST_WAIT_MS = 60_000

const decoder = new TextDecoder()

/** The step in a message; undefined when it is none. Never throws. */
export function decodeStep({ data }: Pick<Delivery, 'data'>): StepMessage | undefined {
  try {
    return stepMessageSchema.parse(JSON.parse(decoder.decode(data)))
  } catch {
    // What is wrong with it does not matter here: it goes to DEAD as it is.
    return undefined
  }
}

/** Never throws. */
export function openTaken(codec: PayloadCodec | undefined, stored: StepMessage): OpenedStep {
  try {
    return { step: openStep(codec, stored) }
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'PAYLOAD_KEY_MISSING') return { missing: error }
    return { step: stored, fault: outcomeOfThrown(error) }
  }
}

/** It goes back, to come again: nothing has failed, and an instance that has the key may get it. */
export function leaveToKeys(
  delivery: Pick<Delivery, 'nak' | 'seq' | 'deliveryCount'>,
  { code, message }: MurmurError,
  log: Pick<Log, 'error'>,
): void {
  log.error({ code, reason: message, seq: delivery.seq }, 'a step waits for the key of its payload')
  delivery.nak(Math.min(LONGEST_WAIT_MS, WAIT_FOR_KEY_MS * 2 ** delivery.deliveryCount))
}
