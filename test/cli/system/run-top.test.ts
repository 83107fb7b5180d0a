import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MurmurClient } from '../../../services/cli/client/murmur-client.ts'
import { renderTop, runTop } from '../../../services/cli/system/run-top.ts'
import { testContext } from '../cli-context-fixture.ts'
import { systemStatus } from '../status-fixture.ts'

/** Answers with what the calls say, one after the other; the last one ends the command. */
function answering(answers: readonly (MurmurError | undefined)[], controller: AbortController): MurmurClient {
  let calls = 0
  return {
    status: async () => {
      const answer = answers[calls++]
      if (calls > answers.length) controller.abort()
      if (answer) throw answer
      return systemStatus
    },
  } as unknown as MurmurClient
}
const away = new MurmurError('UNAVAILABLE', 'away')

t.test('a line each time; who does not answer for a while is waited for', async (t) => {
  const controller = new AbortController()
  const context = testContext({ signal: controller.signal })
  await runTop(context, answering([undefined, away, away, undefined], controller), 1000)
  const lines = context.out().trimEnd().split('\n')
  t.equal(lines.length, 2)
  t.match(lines[0], /^\d\d:\d\d:\d\d {2}accepted 10\/s .* 24 active · steps 16 waiting, 2 in work$/)
  t.strictSame(context.err().trimEnd().split('\n'), ['No answer for 0 ms.', 'No answer for 1.00 s.'])
})

t.test('with --json a document each time, and none without an answer', async (t) => {
  const controller = new AbortController()
  const context = testContext({ signal: controller.signal, json: true })
  await runTop(context, answering([undefined, away, undefined], controller), 1000)
  t.strictSame(
    context
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [systemStatus, systemStatus],
  )
})

t.test('a first question without an answer, and a refusal, are told', async (t) => {
  const run = (answers: (MurmurError | undefined)[]) =>
    runTop(testContext(), answering(answers, new AbortController()), 1000)
  await t.rejects(run([away]), { code: 'UNAVAILABLE' })
  const refused = new MurmurError('PERMISSION_DENIED', 'no')
  await t.rejects(run([undefined, refused]), { code: 'PERMISSION_DENIED' })
})

t.test('the screen is no longer than the terminal', async (t) => {
  const context = testContext({ isLive: true })
  const tasks = Array.from({ length: 40 }, (_, i) => ({
    id: `t-${i}`,
    type: 'plan',
    status: 'running' as const,
    createdAtMs: 0,
    steps: { completed: 1, failed: 0, total: 3 },
  }))
  const screen = renderTop(
    context,
    'nats://x',
    { status: systemStatus, tasks: tasks as never },
    { waiting: [1, 16] },
  )
  const lines = screen.map(stripVTControlCharacters)
  t.ok(lines.length <= 23, `${lines.length} lines`)
  t.match(lines[0], /^murmuration {2}nats:\/\/x {2}\d\d:\d\d:\d\d {2}Ctrl-C ends it$/)
  t.ok(
    lines.some((line) => /^ {2}waiting {5}16 {2}▁█$/.test(line)),
    lines.join('\n'),
  )
  t.ok(lines.some((line) => /^Running, newest first, and \d+ more$/.test(line)))
  const silent = renderTop(context, 'x', { status: systemStatus, tasks: [] }, { waiting: [], silentMs: 5000 })
  t.match(stripVTControlCharacters(silent[0] ?? ''), /no answer for 5\.00 s/)
  t.equal(stripVTControlCharacters(silent.at(-1) ?? ''), '  nothing')
})
