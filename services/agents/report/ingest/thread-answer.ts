import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ThreadAnswer } from './bounded-thread.ts'

const FILE_FAULTS = ['BROKEN_FILE', 'LIMIT_EXCEEDED', 'UNSUPPORTED_FORMAT'] as const

/**
 * Runs in a thread of `readInThread`: what was read, or the fault of the file as data, because an error loses its class
 * between threads. All other errors end the thread.
 */
export async function threadAnswer<Result>(read: () => Promise<Result>): Promise<ThreadAnswer<Result>> {
  try {
    return { kind: 'read', result: await read() }
  } catch (error) {
    const code = error instanceof MurmurError && FILE_FAULTS.find((each) => each === error.code)
    if (!code) throw error
    return { kind: 'fault', code, message: (error as MurmurError).message }
  }
}
