import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A model that can't be used as it is: said at start, with what was found and what was expected. */
export function modelFault(model: string, why: string, cause?: unknown): MurmurError {
  return new MurmurError('MODEL_UNUSABLE', `model ${model} can't be used: ${why}`, { cause })
}
