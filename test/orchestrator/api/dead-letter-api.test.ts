import t from 'tap'
import type { GetDeadLetterResponse, ListDeadLettersResponse } from '#schemas/dead-letter.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { DeadLetterApi } from '../../../services/orchestrator/api/dead-letter-api.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { DEAD_REASON_HEADER, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
const api = new DeadLetterApi(bus)
api.start()
t.teardown(() => api.quiesce())

const list = (request: object = {}) =>
  bus.request(SERVICES.listDeadLetters, request, { timeoutMs: 5000 }) as Promise<ListDeadLettersResponse>
const get = (seq: number) =>
  bus.request(SERVICES.getDeadLetter, { seq }, { timeoutMs: 5000 }) as Promise<GetDeadLetterResponse>
const bury = (agent: string, data: string, msgId: string, headers = {}) =>
  bus.publisher.publish(SUBJECTS.dead(agent), data, { msgId, headers })

t.test('nothing was given up', async (t) => {
  t.strictSame(await list(), { deadLetters: [] })
  await t.rejects(get(1), { code: 'DEAD_LETTER_NOT_FOUND' })
})

t.test('newest first, with what is known of each', async (t) => {
  await bury('word-count', JSON.stringify(stepMessageExample), 'a')
  await bury('other', '{"torn', 'b', { [DEAD_REASON_HEADER]: 'it is no result' })
  t.match((await list()).deadLetters, [
    { seq: 2, agent: 'other', bytes: 6, reason: 'it is no result', taskId: undefined },
    { seq: 1, agent: 'word-count', taskId: 'kq3v9x', stepId: 'count', attempt: 1 },
  ])
  t.match((await list({ agent: 'word-count' })).deadLetters, [{ seq: 1 }])
  t.match(await get(1), { deadLetter: { seq: 1 }, content: { stepId: 'count' } })
  t.match(await get(2), { content: '{"torn' })
})

t.test('page by page, over gaps, to the oldest that is kept', async (t) => {
  await Promise.all(Array.from({ length: 120 }, (_, i) => bury('many', `{"n":${i}}`, `many-${i}`)))
  for (const seq of [50, 51, 52]) await jsm.streams.deleteMessage('DEAD', seq)
  await jsm.streams.purge('DEAD', { seq: 10 })
  const seen: number[] = []
  let cursor: string | undefined
  do {
    const page = await list({ limit: 7, ...(cursor && { cursor }) })
    seen.push(...page.deadLetters.map(({ seq }) => seq))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  const kept = Array.from({ length: 122 }, (_, i) => 122 - i).filter((n) => n >= 10 && (n < 50 || n > 52))
  t.strictSame(seen, kept)
})
