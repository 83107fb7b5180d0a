import { userInfo } from 'node:os'

/** Who sits here, for others to ask: over NATS that is said by the command, over an edge it is known from the credential. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container, a user may have a number and no name.
    return 'cli'
  }
}
