export type SetupErrorCode =
  | 'NATS_NOT_FOUND'
  | 'REDIS_NOT_FOUND'
  | 'FFMPEG_NOT_FOUND'
  | 'SERVER_FAILED_TO_START'
  | 'SERVICE_FAILED_TO_START'
  | 'SERVER_NOT_OURS'
  | 'DATA_IN_USE'
  | 'DATA_NOT_LOADED'
  | 'NO_FREE_PORT'
  | 'SDK_NOT_COMPILED'
  | 'SDK_NOT_PACKED'

/**
 * What kept the local setup from working: a stable code, the reason, and what to do about it.
 * Setup runs before any service does, so it has its own error rather than the wire's `MurmurError`.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly code: SetupErrorCode
  readonly fix: string

  constructor(code: SetupErrorCode, message: string, fix: string, cause?: unknown) {
    super(`${message}\n${fix}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fix = fix
  }
}
