import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { keepDiscarded } from '../../../services/orchestrator/partition/discarded-messages.ts'
import { quietLog } from '../../support/owner-fixture.ts'

function world(answer: () => Promise<unknown> = async () => ({ seq: 1, duplicate: false })) {
  const published: { subject: string; data: string; msgId: string; headers: Record<string, string> }[] = []
  const bus = {
    publisher: {
      publish(
        subject: string,
        data: Uint8Array | string,
        about: { msgId: string; headers: Record<string, string> },
      ) {
        published.push({ subject, data: Buffer.from(data).toString(), ...about })
        return answer()
      },
    },
  } as unknown as Pick<Bus, 'publisher'>
  return { bus, published }
}

const raw = (data: string | Uint8Array, seq = 7) => ({
  subject: 'log.3.result.x',
  data: Buffer.from(data),
  seq,
  storedAtMs: 99,
})

t.test('what was passed over lies where people look, with its position in the log', async (t) => {
  const { bus, published } = world()
  const fault = 'result: „torn“\nat 3'
  keepDiscarded({ bus, log: quietLog }, [
    { raw: raw('{"torn'), fault, agent: 'x' },
    { raw: raw('noise', 8), fault: 'none', agent: undefined },
    { raw: { ...raw('of a batch', 8), index: 3 }, fault: 'none', agent: undefined },
  ])
  t.match(published, [
    {
      subject: 'dead.x',
      data: '{"torn',
      msgId: 'log:7:99:dead',
      headers: {
        'Murmur-Reason': 'result:  torn at 3',
        'Murmur-Subject': 'log.3.result.x',
        'Murmur-Log-Seq': '7',
      },
    },
    { subject: 'dead.unknown', data: 'noise', msgId: 'log:8:99:dead' },
    { subject: 'dead.unknown', data: 'of a batch', msgId: 'log:8:99:3:dead' },
  ])
})

t.test('one that is too large is named, and stays in the log', async (t) => {
  const { bus, published } = world()
  const limit = 256 * 1024
  keepDiscarded({ bus, log: quietLog }, [
    { raw: raw(Buffer.alloc(limit, 'x')), fault: 'too large', agent: 'x' },
    { raw: raw(Buffer.alloc(limit + 1, 'x')), fault: 'too large', agent: 'x' },
  ])
  t.equal(published[0]!.data.length, limit)
  t.strictSame(JSON.parse(published[1]!.data), { reason: 'too large', bytes: limit + 1 })
})

t.test('the partition goes on when it can not be kept', async (t) => {
  const { bus } = world(() => Promise.reject(new Error('no space')))
  const logged = Promise.withResolvers<object>()
  const log = { ...quietLog, error: logged.resolve } as unknown as Log
  keepDiscarded({ bus, log }, [{ raw: raw('x'), fault: 'none', agent: 'x' }])
  t.strictSame(await logged.promise, { seq: 7, reason: 'no space' })
})
