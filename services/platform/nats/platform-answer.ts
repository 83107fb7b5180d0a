import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ApiError } from './api-error.ts'

/** An account without streams of its own answers so for itself, whatever it imports. */
const NOT_ENABLED = JetStreamApiCodes.JetStreamNotEnabledForAccount
const TIMEOUT_MS = 5000
/** That of the own account, and that of the platform. */
const ANSWERS = 2

/**
 * The answer of the platform's account to a question of JetStream's API that is imported from there. The server answers such a question
 * twice: once for the own account, which has no streams, and once by way of the import, in any order. Where there is only one account, there
 * is one answer, and it is taken at once.
 * @throws JetStreamApiError what the platform answers instead; MurmurError UNAVAILABLE when it does not
 */
export async function platformAnswer<Answer extends object>(
  nc: NatsConnection,
  subject: string,
  question: string,
): Promise<Answer> {
  const answers = await nc.requestMany(subject, question, {
    strategy: 'count',
    maxMessages: ANSWERS,
    maxWait: TIMEOUT_MS,
  })
  for await (const message of answers) {
    const answer = message.json<Answer & { error?: ApiError }>()
    if (answer.error?.err_code === NOT_ENABLED) continue
    if (answer.error)
      throw new JetStreamApiError({
        code: answer.error.code,
        err_code: answer.error.err_code ?? 0,
        description: answer.error.description ?? '',
      })
    return answer
  }
  throw new MurmurError('UNAVAILABLE', `${subject} is not answered for this account`)
}
