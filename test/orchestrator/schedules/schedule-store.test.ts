import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { type ScheduleState, scheduleDefinitionSchema } from '#schemas/schedule.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import { type LiveEntry, ScheduleStore } from '../../../services/orchestrator/schedules/schedule-store.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

async function open(): Promise<ScheduleStore> {
  const store = new ScheduleStore({ bus, clock: systemClock, log: quietLog })
  await store.start()
  t.teardown(() => store.stop())
  return store
}
const definition = scheduleDefinitionSchema.parse({ cron: '@daily', submission: { type: 'report' } })
const made = (name: string, tenant = 'acme'): ScheduleState => newSchedule({ tenant, name }, definition, 1000)
const entryOf = (store: ScheduleStore, name: string) =>
  [...store.entries()].find(({ stored }) => stored.name === name) as LiveEntry | undefined

const one = await open()
const other = await open()

t.test('what one has written, the other knows; of one tenant, by name', async (t) => {
  for (const name of ['b', 'a']) await one.write(made(name), 0)
  await one.write(made('c', 'else'), 0)
  await other.settled()
  t.strictSame(
    other.ofTenant('acme').map(({ name }) => name),
    ['a', 'b'],
  )
  t.equal(other.count, 3)
  t.match(await other.get('acme', 'a'), { name: 'a', createdAtMs: 1000 })
  await t.rejects(other.get('else', 'a'), { code: 'SCHEDULE_NOT_FOUND' }, 'of others it is not there')
})

t.test(
  'of two who write after the same message, one is told no, and knows what the other wrote',
  async (t) => {
    const seq = entryOf(one, 'a')!.seq
    const writes = await Promise.all([
      one.write({ ...made('a'), cursorMs: 1 }, seq),
      other.write({ ...made('a'), cursorMs: 2 }, seq),
    ])
    const winner = writes[0] === undefined ? 2 : 1
    t.equal(writes.filter((write) => write !== undefined).length, 1)
    t.equal(entryOf(one, 'a')?.stored.cursorMs, winner)
    t.equal(entryOf(other, 'a')?.stored.cursorMs, winner)
  },
)

t.test(
  'a write whose acknowledgement was lost is sent again, and is no write of somebody else',
  async (t) => {
    const publisher = {
      publish: async (...asked: Parameters<typeof bus.publisher.publish>) => {
        await bus.publisher.publish(...asked)
        return bus.publisher.publish(...asked)
      },
    } as typeof bus.publisher
    const { streams, consumers } = bus
    const deps = { bus: { streams, consumers, publisher }, clock: systemClock, log: quietLog }
    const unlucky = new ScheduleStore(deps)
    await unlucky.start()
    t.teardown(() => unlucky.stop())
    const seq = await unlucky.write(made('a'), entryOf(unlucky, 'a')!.seq)
    t.equal(seq, entryOf(unlucky, 'a')?.seq)
    t.equal(seq, (await streams.lastMessage('SCHEDULES', SUBJECTS.schedule('acme', 'a')))?.seq)
  },
)

t.test('changes of both at the same time all count', async (t) => {
  const add = (store: ScheduleStore) =>
    store.change('acme', 'b', (before) => ({ ...before!, cursorMs: before!.cursorMs + 1 }))
  await Promise.all([one, other, one, other].map(add))
  t.equal((await one.get('acme', 'b')).cursorMs, 1004)
  let writes = 0
  const same = await one.change('acme', 'b', (before) => {
    writes++
    return before!
  })
  t.equal(writes, 1)
  t.equal(same.cursorMs, 1004, 'one that changes nothing is not written')
})

t.test('deleted: a mark for an hour, then nothing; made again it is another one', async (t) => {
  await one.change('acme', 'a', () => ({ v: 1, tenant: 'acme', name: 'a', deletedAtMs: 5000 }))
  await t.rejects(other.get('acme', 'a'), { code: 'SCHEDULE_NOT_FOUND' })
  await other.settled()
  t.strictSame(
    other.ofTenant('acme').map(({ name }) => name),
    ['b'],
  )
  await one.change('acme', 'a', (before) => {
    t.equal(before, undefined)
    return made('a')
  })
  await one.change('acme', 'a', () => ({ v: 1, tenant: 'acme', name: 'a', deletedAtMs: 5000 }))
  await one.forget(entryOf(one, 'a')!)
  t.equal(await bus.streams.lastMessage('SCHEDULES', SUBJECTS.schedule('acme', 'a')), undefined)
  t.equal(entryOf(one, 'a'), undefined)
  // Who still has the mark finds that it is gone.
  t.equal(await other.write(made('a'), entryOf(other, 'a')!.seq), undefined)
  t.equal(entryOf(other, 'a'), undefined)
  t.ok(await other.write(made('a'), 0))
})

t.test('one that begins knows all of them, and what it can’t read is left to others', async (t) => {
  await bus.publisher.publish(SUBJECTS.schedule('acme', 'later'), '{"v":2}', { msgId: 'later' })
  const late = await open()
  t.equal(late.count, 3)
  await t.rejects(late.get('acme', 'later'), { code: 'UNAVAILABLE' })
})

t.test('a stream that was made anew: what was in the one before is forgotten', async (t) => {
  await jsm.streams.delete('SCHEDULES')
  await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
  await t.rejects(one.get('acme', 'b'), { code: 'SCHEDULE_NOT_FOUND' })
  const ack = await jsm.streams.info('SCHEDULES')
  t.equal(ack.state.messages, 0)
  await one.write(made('anew'), 0)
  await until('the other one knows it', () => entryOf(other, 'anew') !== undefined, 30_000)
  t.strictSame(
    other.ofTenant('acme').map(({ name }) => name),
    ['anew'],
  )
})
