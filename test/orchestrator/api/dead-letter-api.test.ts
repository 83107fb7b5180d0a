import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { GetDeadLetterResponse, ListDeadLettersResponse } from '#schemas/dead-letter.ts'
import { type StepMessage, stepMessageExample } from '#schemas/step-message.ts'
import type { Submission } from '#schemas/submission.ts'
import { submissionSchema } from '#schemas/submission.ts'
import { DeadLetterApi } from '../../../services/orchestrator/api/dead-letter-api.ts'
import { type RequestInput, SERVICES } from '../../../subjects/operations.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
/** What was taken in, by its key: as an orchestrator, the same key again is the same task. */
const accepted = new Map<string, { tenant: string; submission: Submission; taskId: string }>()
async function accept(tenant: string, submission: Submission) {
  if (submission.plan?.steps[0]?.agent === 'unknown') throw new MurmurError('UNKNOWN_AGENT', 'there is none')
  const key = submission.idempotencyKey ?? ''
  const earlier = accepted.get(key)
  if (earlier && JSON.stringify(earlier.submission) !== JSON.stringify(submission))
    throw new MurmurError('IDEMPOTENCY_CONFLICT', 'another body')
  const taskId = earlier?.taskId ?? `task-${accepted.size}`
  accepted.set(key, { tenant, submission, taskId })
  return { taskId, duplicate: earlier !== undefined }
}
const audited: object[] = []
const log = { ...quietLog, info: (fields: object) => void audited.push(fields) }
const api = new DeadLetterApi({ bus, log, accept })
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

const replay = (request: RequestInput<'replayDeadLetters'>) => bus.call('replayDeadLetters', request)
const purge = (request: RequestInput<'purgeDeadLetters'>) => bus.call('purgeDeadLetters', request)
const buryStep = async (about: Partial<StepMessage>, headers: Record<string, string> = {}) => {
  const step = { ...stepMessageExample, ...about }
  const { seq } = await bus.publisher.publish(SUBJECTS.dead(step.agent), JSON.stringify(step), {
    msgId: `step-${step.taskId}`,
    headers,
  })
  return seq
}

t.test('a letter is replayed as a task with the same step, once for each request', async (t) => {
  const input = { rows: [1, { $from: 'input.x' }], name: 'ä€' }
  const seq = await buryStep(
    { taskId: 'old', tenant: 'north', attempt: 3, input },
    {
      [DEAD_CODE_HEADER]: 'POISON_MESSAGE',
      [DEAD_REASON_HEADER]: 'it took down its process',
    },
  )
  const letter = {
    seq,
    tenant: 'north',
    attempt: 3,
    code: 'POISON_MESSAGE',
    reason: 'it took down its process',
  }
  t.match(await replay({ seqs: [seq], requestId: 'a', dryRun: true }), {
    results: [{ seq, outcome: 'planned', deadLetter: letter, taskId: undefined }],
  })
  t.equal(accepted.size, 0, 'a dry run does nothing')
  const first = await replay({ seqs: [seq], requestId: 'a' })
  t.match(first, {
    results: [{ seq, outcome: 'done', taskId: 'task-0', duplicate: false, deadLetter: letter }],
  })
  const [task] = [...accepted.values()]
  t.match(task, {
    tenant: 'north',
    submission: {
      type: 'plan',
      input: { input },
      plan: { steps: [{ id: 'count', agent: 'word-count', input: { $from: 'input.input' } }] },
      labels: { 'dead-letter': String(seq), 'replay-of-task': 'old', 'replay-of-step': 'count' },
    },
  })
  t.ok(submissionSchema.safeParse(task?.submission).success)
  t.match(
    (await get(seq)).deadLetter,
    { ...letter, replayed: { taskId: 'task-0', atMs: Number } },
    'it is marked',
  )
  t.match(await replay({ seqs: [seq], requestId: 'a' }), { results: [{ taskId: 'task-0', duplicate: true }] })
  t.match(await replay({ seqs: [seq], requestId: 'b', input: { rows: [] } }), {
    results: [{ outcome: 'done', taskId: 'task-1', deadLetter: { replayed: { taskId: 'task-0' } } }],
  })
  t.match([...accepted.values()][1], { submission: { input: { input: { rows: [] } } } }, 'with another input')
  t.match((await get(seq)).deadLetter, { replayed: { taskId: 'task-1' } })
  t.match(await replay({ seqs: [seq], requestId: 'b' }), {
    results: [{ outcome: 'failed', problem: { code: 'IDEMPOTENCY_CONFLICT' } }],
  })
})

t.test('many at a time: what one is refused for stops no other', async (t) => {
  const good = await buryStep({ taskId: 'good' })
  const unknown = await buryStep({ taskId: 'bad', agent: 'unknown' })
  const torn = (await bury('other', '{"torn', 'torn')).seq
  const { results } = await replay({ seqs: [good, unknown, torn, 99_999, good], requestId: 'c' })
  t.match(results, [
    { seq: good, outcome: 'done', taskId: String },
    { seq: unknown, outcome: 'failed', problem: { code: 'UNKNOWN_AGENT' } },
    { seq: torn, outcome: 'failed', problem: { code: 'INVALID_REQUEST', message: /is no step/ } },
    { seq: 99_999, outcome: 'failed', problem: { code: 'DEAD_LETTER_NOT_FOUND' } },
  ])
  t.equal(results.length, 4, 'each once')
})

t.test('by a filter, page by page, and of one tenant only', async (t) => {
  const seqs: number[] = []
  for (let i = 0; i < 5; i++)
    seqs.unshift(await buryStep({ taskId: `many-${i}`, agent: 'bulk', tenant: i < 3 ? 'south' : 'north' }))
  const found: number[] = []
  let cursor: string | undefined
  do {
    const page = await replay({
      filter: { agent: 'bulk' },
      limit: 2,
      requestId: 'd',
      ...(cursor && { cursor }),
    })
    t.ok(page.results.length <= 2)
    found.push(...page.results.map(({ seq }) => seq))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  t.strictSame(found, seqs, 'newest first')
  const filter = { agent: 'bulk' }
  const south = await purge({ filter, tenant: 'south', dryRun: true })
  t.strictSame(
    south.results.map(({ seq, outcome }) => [seq, outcome]),
    seqs.slice(2).map((seq) => [seq, 'planned']),
  )
  t.match((await list({ agent: 'bulk', tenant: 'south' })).deadLetters.length, 3)
  t.match(
    await purge({ seqs: [seqs[0]!], tenant: 'south' }),
    {
      results: [{ outcome: 'failed', problem: { code: 'DEAD_LETTER_NOT_FOUND' } }],
    },
    'those of others are not there',
  )
  await t.rejects(bus.call('getDeadLetter', { seq: seqs[0]!, tenant: 'south' }), {
    code: 'DEAD_LETTER_NOT_FOUND',
  })
  const [newest] = (await list({ agent: 'bulk' })).deadLetters
  t.strictSame(
    (await list({ agent: 'bulk', createdBeforeMs: Math.floor(newest!.atMs) })).deadLetters.filter(
      ({ seq }) => seq === newest!.seq,
    ),
    [],
  )
  t.strictSame((await list({ agent: 'bulk', code: 'OTHER' })).deadLetters, [])
  t.strictSame((await list({ agent: 'bulk', taskType: 'report' })).deadLetters, [])
})

t.test('what is purged is gone, and that is written down before', async (t) => {
  const seq = await buryStep({ taskId: 'purged' })
  audited.length = 0
  t.match(await purge({ seqs: [seq], reason: 'nobody needs it' }), { results: [{ seq, outcome: 'done' }] })
  await t.rejects(get(seq), { code: 'DEAD_LETTER_NOT_FOUND' })
  t.match(audited, [{ audit: { operation: 'purgeDeadLetters', reason: 'nobody needs it', letter: { seq } } }])
  t.match(
    await purge({ seqs: [seq] }),
    { results: [{ outcome: 'failed' }] },
    'a second time there is nothing',
  )
})

t.test('requests that pick nothing, both ways, or too much are refused', async (t) => {
  const wrong: object[] = [
    { requestId: 'x' },
    { requestId: 'x', seqs: [1], filter: {} },
    { requestId: 'x', seqs: [] },
    { requestId: 'x', seqs: Array.from({ length: 101 }, (_, i) => i + 1) },
    { requestId: 'x', seqs: [1, 2], input: {} },
    { requestId: 'x', filter: {}, input: {} },
    { seqs: [1] },
    { requestId: '', seqs: [1] },
    { requestId: 'x', filter: { agent: 'a.b' } },
  ]
  for (const request of wrong)
    await t.rejects(
      replay(request as never),
      { code: 'INVALID_REQUEST' },
      JSON.stringify(request).slice(0, 60),
    )
})
