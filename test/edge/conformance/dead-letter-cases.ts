import type { Bus } from '#platform/nats/bus.ts'
import type { JsonObject } from '#schemas/json.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER, SUBJECTS } from '#subjects/subjects.ts'
import type { ConformanceCase } from './cases.ts'
import type { Transport } from './transport.ts'

/** Of a tenant that comes by no transport here. */
const OF_OTHERS = 2
/** Never changed: what is said of it is the same however often it is asked. */
const KEPT = 1
const REPLAYED = 3
/** One for each transport. */
const PURGED: Readonly<Record<string, number>> = { NATS: 4, REST: 5, gRPC: 6 }

/** Puts letters into an empty stream, numbered as above. */
export async function buryLetters(bus: Bus): Promise<void> {
  const letters: JsonObject[] = [
    { agent: 'noop-a', tenant: 'default', input: { payload: 'x', odd: [1.5, null, '€'] } },
    { agent: 'noop-a', tenant: 'other' },
    { agent: 'noop-b', tenant: 'default', input: { payload: 'y' } },
    ...Object.keys(PURGED).map(() => ({ agent: 'noop-c', tenant: 'default' })),
  ]
  for (const [i, about] of letters.entries()) {
    const { seq } = await bus.publisher.publish(
      SUBJECTS.dead(String(about.agent)),
      JSON.stringify({ ...stepMessageExample, ...about, attempt: 3 }),
      {
        msgId: `letter-${i}`,
        headers: { [DEAD_CODE_HEADER]: 'POISON_MESSAGE', [DEAD_REASON_HEADER]: 'it took its process down' },
      },
    )
    if (seq !== i + 1) throw new Error('the stream was not empty')
  }
}

/** A client of NATS here is an operator, who says whose letters he means; an edge says it by itself. */
const own = ({ name }: Transport): JsonObject => (name === 'NATS' ? { tenant: 'default' } : {})

export const DEAD_LETTER_CASES: readonly ConformanceCase[] = [
  {
    name: 'dead letters: listed by a filter, and none of others',
    async run(transport) {
      const list = (about: JsonObject) => transport.ask('listDeadLetters', { ...own(transport), ...about })
      return [
        await list({
          agent: 'noop-a',
          taskType: 'plan',
          code: 'POISON_MESSAGE',
          createdFromMs: 1,
          limit: 10,
        }),
        await list({ agent: 'nobody' }),
        await list({ createdBeforeMs: 1 }),
        await list({ agent: 'a.b' }),
        await list({ limit: 0 }),
      ]
    },
  },
  {
    name: 'dead letters: one with its last error and its input; not there',
    async run(transport) {
      const get = (seq: number) => transport.ask('getDeadLetter', { ...own(transport), seq })
      return [await get(KEPT), await get(OF_OTHERS), await get(77), await get(0)]
    },
  },
  {
    name: 'dead letters: replayed once for each request, with another input, and not at all in a dry run',
    async run(transport) {
      const replay = async (about: JsonObject) => {
        const request = { ...own(transport), seqs: [REPLAYED], requestId: `by ${transport.name}`, ...about }
        const answer = await transport.ask('replayDeadLetters', request)
        // Others replay it at the same time: what it became last may differ.
        if (!answer.ok) return answer
        return (answer.body.results as JsonObject[]).map(({ deadLetter, ...result }) => result)
      }
      return [
        await replay({ dryRun: true }),
        await replay({}),
        await replay({}),
        await replay({ input: { payload: 'z' } }),
        await replay({ requestId: `again by ${transport.name}`, input: { payload: 'z' } }),
        await replay({ seqs: [KEPT, OF_OTHERS, 77], dryRun: true }),
        await replay({ seqs: [KEPT, REPLAYED], input: {} }),
        await replay({ requestId: '' }),
      ]
    },
  },
  {
    name: 'dead letters: a purge, tried first',
    async run(transport) {
      const purge = (about: JsonObject) => transport.ask('purgeDeadLetters', { ...own(transport), ...about })
      return [
        await purge({ filter: { agent: 'noop-a' }, dryRun: true }),
        await purge({ seqs: [OF_OTHERS], reason: 'not mine' }),
        await purge({ dryRun: true }),
        await purge({ seqs: [PURGED[transport.name] ?? 0] }),
      ]
    },
  },
]
