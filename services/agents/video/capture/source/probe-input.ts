import { execFile } from 'node:child_process'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { InputSpec } from './input-arguments.ts'
import { factsFromDescription, type SourceFacts } from './source-facts.ts'
import { assertWithinLimits, sourceFault } from './source-fault.ts'

const MAX_TEXT_BYTES = 256 * 1024

/**
 * Opens a source for a moment to see what it is. ffmpeg describes its input, then complains that it has no output.
 * @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN; the signal's reason
 */
export async function probeInput(
  ffmpeg: string,
  input: { kind: InputSpec['kind']; args: readonly string[] },
  signal: AbortSignal,
): Promise<SourceFacts> {
  const { text, isTimeUp } = await describe(ffmpeg, ['-hide_banner', '-nostdin', ...input.args], signal)
  if (isTimeUp) {
    const message = `the source gave no picture within ${CAPTURE_LIMITS.probeMs / 1000} s`
    throw new MurmurError('SOURCE_UNAVAILABLE', message)
  }
  const facts = factsFromDescription(text)
  if (!facts) throw sourceFault(input.kind, text)
  assertWithinLimits(facts)
  return facts
}

function describe(
  ffmpeg: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ text: string; isTimeUp: boolean }> {
  signal.throwIfAborted()
  const options = {
    env: {},
    timeout: CAPTURE_LIMITS.probeMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_TEXT_BYTES,
    signal,
  } as const
  return new Promise((resolve, reject) => {
    const child = execFile(ffmpeg, args, options, (error, _stdout, stderr) => {
      if (signal.aborted) return reject(signal.reason)
      // It always ends with an error; only one without an exit code is one.
      if (error && typeof error.code === 'string' && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
        return reject(error)
      resolve({ text: stderr, isTimeUp: error?.killed === true && error.code === null })
    })
    child.stdin?.end()
  })
}
