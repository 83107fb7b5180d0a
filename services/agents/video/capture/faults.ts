import { MurmurError } from '#platform/errors/murmur-error.ts'

const SOURCE_FAULTS: ReadonlySet<string> = new Set([
  'INVALID_STEP_INPUT',
  'UNSUPPORTED_FORMAT',
  'BROKEN_FILE',
  'LIMIT_EXCEEDED',
  'ADDRESS_FORBIDDEN',
  'SOURCE_UNAVAILABLE',
  'BLOB_NOT_FOUND',
  'BLOB_CORRUPT',
  'PAYLOAD_TOO_LARGE',
])

/** Faults of what was asked for: the same request fails again, so they are the answer. All others are tried again. */
export function isSourceFault(error: unknown): error is MurmurError {
  return error instanceof MurmurError && SOURCE_FAULTS.has(error.code)
}
