import t from 'tap'
import { matchCommands } from '../../../services/console/app/match-commands.ts'
import { commandLines, shellWord } from '../../../services/console/data/commands.ts'
import { Connection } from '../../../services/console/data/connection.ts'
import {
  formatBytes,
  formatDuration,
  formatRelative,
  relativeHoldsMs,
} from '../../../services/console/data/format.ts'
import { isPassing, ProblemError, problemOf, toProblemError } from '../../../services/console/data/problem.ts'
import { newRequestId } from '../../../services/console/data/request-id.ts'
import { ToastStore } from '../../../services/console/data/toast-store.ts'
import { readState, writeState } from '../../../services/console/data/url-state.ts'

t.test('quantities are said in two units at most', async (t) => {
  const durations = [0, 999, 1000, 4249, 59_999, 200_000, 3_600_000, 187_200_000]
  t.strictSame(durations.map(formatDuration), [
    '0 ms',
    '999 ms',
    '1.0 s',
    '4.2 s',
    '1 min',
    '3 min 20 s',
    '1 h',
    '2 d 4 h',
  ])
  t.strictSame(
    [0, 12_000, -180_000, 90_000_000].map((ms) => formatRelative(1e12 - ms, 1e12)),
    ['now', '12 s ago', 'in 3 min', '1 d ago'],
  )
  for (const ms of [0, 999, 5000, 65_000, 4_000_000, 1e9]) {
    const holds = relativeHoldsMs(1e12 - ms, 1e12)
    t.ok(holds >= 250 && holds <= 60_000, `${ms}: ${holds}`)
  }
  t.strictSame([512, 1434, 2_097_152].map(formatBytes), ['512 B', '1.4 KiB', '2.0 MiB'])
})

t.test('what stands in the URL is read and changed, and the rest of it stays', async (t) => {
  const search = new URLSearchParams('status=failed&label=a:b&label=c:d&other=1')
  const state = readState(search, ['status', 'label', 'q'])
  t.equal(state.text('status'), 'failed')
  t.strictSame(state.label, ['a:b', 'c:d'])
  t.equal(state.text('q'), undefined)
  t.equal(String(writeState(search, { status: '', label: ['x:y'], q: 'a b' })), 'label=x%3Ay&other=1&q=a+b')
})

t.test('an action as command: words are quoted, a key is not written down', async (t) => {
  t.equal(shellWord("it's"), `'it'\\''s'`)
  const lines = commandLines(
    {
      murmur: ['cancel', 't1', '--reason', 'no more'],
      rest: { method: 'POST', path: '/v1/tasks/t1/cancel', body: { reason: "it's" } },
      nats: { subject: 'murmur.tasks.cancel', body: { taskId: 't1' } },
    },
    { origin: 'http://localhost:1', needsKey: true },
  )
  t.strictSame(
    lines.map(({ line }) => line),
    [
      "murmur cancel t1 --reason 'no more'",
      `curl -s -X POST http://localhost:1/v1/tasks/t1/cancel -H "authorization: Bearer $MURMUR_KEY" -H 'content-type: application/json' -d '{"reason":"it'\\''s"}'`,
      `nats req murmur.tasks.cancel '{"taskId":"t1"}'`,
    ],
  )
})

t.test('problems keep their code, and what is none becomes one', async (t) => {
  const problem = problemOf({ code: 'OVERLOADED', detail: 'full', fix: 'later', retryAfterMs: 5 }, 503)
  t.match(problem, { code: 'OVERLOADED', message: 'full', fix: 'later', retryAfterMs: 5, status: 503 })
  t.ok(isPassing(problem))
  t.notOk(isPassing(problemOf({ code: 'INVALID_REQUEST' }, 400)))
  t.equal(problemOf('<html>', 502).code, 'HTTP_502')
  t.equal(toProblemError(new TypeError('Failed to fetch')).code, 'UNREACHABLE')
  t.equal(toProblemError(new Error('x')).code, 'CONSOLE_FAULT')
  const own = new ProblemError({ code: 'A', message: 'b' })
  t.equal(toProblemError(own), own)
})

t.test('the connection is live when everything is, and tells of changes only', async (t) => {
  const connection = new Connection()
  const states: string[] = []
  const stop = connection.subscribe(() => states.push(connection.state))
  const stream = {}
  connection.heard(true)
  connection.streamIs(stream, 'broken')
  connection.heard(false)
  connection.setOnline(false)
  connection.setOnline(true)
  connection.heard(true)
  connection.streamIs(stream, 'open')
  stop()
  connection.setOnline(false)
  t.strictSame(states, ['reconnecting', 'offline', 'reconnecting', 'live'])
})

t.test('messages: the last few are shown, those of problems until they were read', async (t) => {
  const store = new ToastStore()
  for (let index = 0; index < 6; index++)
    store.addProblem(new ProblemError({ code: 'A', message: String(index), fix: 'f' }))
  t.strictSame(
    store.read().map(({ title, code, fix }) => `${title} ${code} ${fix}`),
    ['2 A f', '3 A f', '4 A f', '5 A f'],
  )
  store.remove(store.read()[0]!.id)
  t.equal(store.read().length, 3)
})

t.test('commands are found by their words, those that begin with them first', async (t) => {
  const commands = ['Go to Tasks', 'Theme: dark', 'Task types', 'Go to Submit'].map((label) => ({ label }))
  const labels = (text: string) => matchCommands(commands, text).map(({ label }) => label)
  t.strictSame(labels('task'), ['Task types', 'Go to Tasks'])
  t.strictSame(labels('go sub'), ['Go to Submit'])
  t.strictSame(labels('nothing'), [])
  t.equal(labels(' ').length, 4)
})

t.test('ids of requests are not the same twice', async (t) => {
  const ids = new Set(Array.from({ length: 1000 }, newRequestId))
  t.equal(ids.size, 1000)
  for (const id of ids) t.match(id, /^console-[0-9a-z]{8,60}$/)
})
