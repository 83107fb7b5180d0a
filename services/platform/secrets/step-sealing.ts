import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { neededCodec, type PayloadCodec } from './payload-codec.ts'

type StepOf = Pick<StepMessage, 'tenant' | 'taskId' | 'stepId' | 'attempt' | 'agent' | 'input' | 'sealed'>

/** What names an attempt: moved into the message of another one, its input opens for nobody. */
function placeOf({ taskId, stepId, attempt, agent }: StepOf): string {
  return ['step', taskId, stepId, attempt, agent].join('\n')
}

/** A step as it is stored: its input is encrypted, all else has to be read by queues and dispatch. @throws MurmurError PAYLOAD_KEY_MISSING */
export function sealStep<Step extends StepOf>(codec: PayloadCodec, step: Step): Step {
  if (step.sealed) return step
  return {
    ...step,
    sealed: true,
    input: codec.seal(step.tenant, placeOf(step), JSON.stringify(step.input ?? null)),
  }
}

/** The same step with its input as it was. @throws MurmurError PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE */
export function openStep<Step extends StepOf>(codec: PayloadCodec | undefined, step: Step): Step {
  if (!step.sealed) return step
  const { sealed: _, ...rest } = step
  const needed = neededCodec(codec, step.tenant, `the input of step "${step.stepId}"`)
  if (typeof step.input !== 'string')
    throw new MurmurError(
      'PAYLOAD_UNREADABLE',
      `the encrypted input of step "${step.stepId}" is no text: it was changed`,
    )
  const json = needed.open(step.tenant, placeOf(step), step.input)
  const about = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: LIMITS.jsonDepth + 16, what: 'the input' }
  return { ...rest, input: parseBoundedJson(json, about) } as Step
}
