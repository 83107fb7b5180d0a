import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type BegunAnswer, type HttpAsking, refusedRequest, withHead } from './http-asking.ts'
import { hostOf } from './source-policy.ts'

/** An answer that nobody has taken for so long is given up. */
const HELD_MS = 5000
/** From the question to the first bytes of the answer. */
const FIRST_BYTES_MS = 8000
/** As ffmpeg would ask: with a range, so that a server which knows them says how long it is. */
const HEADERS = { accept: '*/*', range: 'bytes=0-' }

/** The answer of a source that was asked whether it is there, kept for whoever reads it next. */
export interface HeldAnswer {
  /** @throws MurmurError SOURCE_UNAVAILABLE, CREDENTIALS_REFUSED, ADDRESS_FORBIDDEN; Error when there is no connection */
  reach(signal: AbortSignal): Promise<BegunAnswer>
  /** Gives it away, once; undefined when there is none any more. Whoever takes it hangs up. */
  take(): (BegunAnswer & { hangUp(): void }) | undefined
  close(): void
}

/** @param first the address of the source */
export function createHeldAnswer(first: URL, asking: HttpAsking): HeldAnswer {
  let held: { begun: BegunAnswer; call: AbortController; timer: NodeJS.Timeout } | undefined

  function close(): void {
    clearTimeout(held?.timer)
    held?.call.abort()
    held = undefined
  }

  async function begin(call: AbortController): Promise<BegunAnswer> {
    const answer = await asking.ask(first, HEADERS, call.signal)
    // Where it sends its callers to is ffmpeg's business: it asks for that in its turn.
    if (answer.statusCode >= 400) {
      await answer.body.dump().catch(() => undefined)
      throw refusedRequest(first, answer.statusCode)
    }
    return withHead(answer)
  }

  return {
    async reach(signal) {
      close()
      asking.forget()
      const call = new AbortController()
      let isLate = false
      const give = () => call.abort(signal.reason)
      const timer = setTimeout(() => {
        isLate = true
        call.abort()
      }, FIRST_BYTES_MS)
      signal.addEventListener('abort', give, { once: true })
      try {
        const begun = await begin(call)
        held = { begun, call, timer: setTimeout(close, HELD_MS) }
        return begun
      } catch (error) {
        call.abort()
        if (!isLate) throw error
        throw new MurmurError(
          'SOURCE_UNAVAILABLE',
          `${hostOf(first)} sent nothing within ${FIRST_BYTES_MS / 1000} s`,
        )
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', give)
      }
    },
    take() {
      if (!held) return undefined
      const { begun, call, timer } = held
      clearTimeout(timer)
      held = undefined
      return { ...begun, hangUp: () => call.abort() }
    },
    close,
  }
}
