import t from 'tap'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { HorizonMarks } from '../../../services/orchestrator/checkpoints/horizon-marks.ts'
import { decodeEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes: 1024 ** 3 })
const { name: LOG } = STREAMS.log
const marks = new HorizonMarks(bus)

t.test('behind a horizon there is a mark: one is written where there is none', async (t) => {
  const first = await marks.behind(1, 0)
  t.equal(first, 1)
  t.equal(await marks.behind(1, 0), first, 'it is there')
  const other = await marks.behind(2, 0)
  t.ok(other > first, 'each partition has its own')
  const second = await marks.behind(1, first)
  t.ok(second > first)
  const stored = await bus.streams.messageAt(LOG, second)
  t.equal(stored?.subject, SUBJECTS.logHorizon(1))
  t.strictSame(decodeEvent(stored!), { isMark: true })
})

t.test('in a log that is full the last one counts, and it is told when there is none', async (t) => {
  const last = await bus.streams.lastSeq(LOG, SUBJECTS.logHorizon(1))
  const { config, state } = await jsm.streams.info(LOG)
  await jsm.streams.update(LOG, { ...config, max_bytes: state.bytes })
  t.equal(await marks.behind(1, last + 5), last)
  t.equal(await marks.behind(3, last), 0)
  await jsm.streams.update(LOG, { ...config, max_bytes: config.max_bytes })
  t.ok((await marks.behind(3, last)) > last, 'there is room again')
})
