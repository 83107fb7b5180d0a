import t from 'tap'
import { backupStreams, replacedStreams } from '../../subjects/backup-streams.ts'
import { BUCKET } from '../../subjects/jetstream-api.ts'
import { STREAMS } from '../../subjects/streams.ts'

t.test('every stream is in a backup, but what is made again from the log', (t) => {
  const all = [...Object.values(STREAMS).map(({ name }) => name), BUCKET.stream]
  t.strictSame([...replacedStreams()].sort(), all.sort())
  const left = replacedStreams().filter((name) => !backupStreams().includes(name))
  t.strictSame(left, [STREAMS.steps.name])
  t.equal(new Set(backupStreams()).size, backupStreams().length)
  t.end()
})

t.test('what starts tasks is copied before the log, what they point at after it', (t) => {
  const order = backupStreams()
  const at = (name: string) => order.indexOf(name)
  for (const { name } of [STREAMS.intake, STREAMS.schedules, STREAMS.cameraEvents])
    t.ok(at(name) < at(STREAMS.log.name), name)
  for (const name of [BUCKET.stream, STREAMS.dead.name, STREAMS.policies.name])
    t.ok(at(name) > at(STREAMS.log.name), name)
  t.end()
})
