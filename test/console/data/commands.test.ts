import t from 'tap'
import { commandLines, shellWord } from '../../../services/console/data/commands.ts'

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

t.test('what a command reads from its standard input stands before it', async (t) => {
  const [line] = commandLines(
    { murmur: ['schedules', 'put', 'nightly', '-'], murmurInput: { cron: '0 2 * * *' } },
    { origin: 'http://localhost:1', needsKey: false },
  )
  t.equal(line?.line, `echo '{"cron":"0 2 * * *"}' | murmur schedules put nightly -`)
})
