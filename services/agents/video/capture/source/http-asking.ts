import { Agent, type Dispatcher } from 'undici'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  type ChallengeAnswer,
  createChallengeAnswer,
  type UserCredentials,
} from '#platform/http/challenge-answer.ts'
import { refusedUser } from './source-fault.ts'
import { hostOf, type SourcePolicy } from './source-policy.ts'

/** A source that has taken the question and says nothing for so long is asked again. */
const HEADERS_TIMEOUT_MS = 5000
/** Of a page that says who is asked for. */
const REFUSAL_BYTES = 64 * 1024

/** Who asks the source: checked connections, user and password for its own origin alone. */
export interface HttpAsking {
  /**
   * Asked again, once, where the origin of the source wants to know who is there.
   * @throws MurmurError ADDRESS_FORBIDDEN, CREDENTIALS_REFUSED; Error when there is no connection
   */
  ask(
    url: URL,
    headers: Record<string, string | string[]>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData>
  /** Forgets what it was challenged with: a source that begins anew challenges anew. */
  forget(): void
  close(): Promise<void>
}

/** @param first the address that was asked for */
export function createHttpAsking(
  first: URL,
  policy: SourcePolicy,
  credentials: UserCredentials | undefined,
): HttpAsking {
  // Streams may be silent: what waits for frames knows when it is too long.
  const agent = new Agent({
    connect: policy.connector,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0,
    connections: 16,
  })
  let answer: ChallengeAnswer | undefined
  const forget = () => {
    answer = credentials && createChallengeAnswer(credentials)
  }
  forget()

  async function ask(url: URL, given: Record<string, string | string[]>, signal: AbortSignal) {
    policy.assertUrl(url)
    const path = url.pathname + url.search
    const own = url.origin === first.origin ? answer : undefined
    const send = () => {
      const authorization = own?.authorize('GET', path)
      const headers = { ...given, ...(authorization && { authorization }), 'accept-encoding': 'identity' }
      return agent.request({ origin: url.origin, path, method: 'GET', headers, signal })
    }
    for (let attempt = 1; ; attempt++) {
      const got = await send()
      if (got.statusCode !== 401) return got
      const wanted = got.headers['www-authenticate']
      const mayAnswer =
        own !== undefined && attempt <= 2 && wanted !== undefined && own.challenged([wanted].flat())
      await got.body.dump({ limit: REFUSAL_BYTES, signal })
      if (!mayAnswer) throw refusedUser(hostOf(url), answer !== undefined)
    }
  }

  return { ask, forget, close: () => agent.destroy() }
}

/** Enough of an answer to tell a playlist or a picture by its mark, as ffmpeg does. */
const HEAD_BYTES = 7

/** An answer of which the first bytes are here. */
export interface BegunAnswer {
  answer: Dispatcher.ResponseData
  head: Buffer
  rest: AsyncIterator<Buffer>
}

/** Reads the first bytes of an answer; all of it where it is shorter. */
export async function withHead(answer: Dispatcher.ResponseData): Promise<BegunAnswer> {
  const rest = answer.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let head = Buffer.alloc(0)
  while (head.length < HEAD_BYTES) {
    const next = await rest.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return { answer, head, rest }
}

/** What an answer says that gives no video. */
export function refusedRequest(url: URL, status: number): MurmurError {
  return new MurmurError('SOURCE_UNAVAILABLE', `${hostOf(url)} answered with the status ${status}`)
}
