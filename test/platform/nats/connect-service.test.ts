import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { awaitLocalStack, untilConnected } from '#platform/nats/connect-service.ts'
import { type Log, silentLog } from '#platform/telemetry/logger.ts'

t.test(
  'a service waits for a server that is not there yet, says so, and takes no other fault for that',
  async (t) => {
    let tries = 0
    const said: string[] = []
    const log = { ...silentLog, warn: (_about: object, text: string) => said.push(text) } as unknown as Log
    const connected = await untilConnected(async () => {
      if (++tries < 3) throw new MurmurError('UNAVAILABLE', 'no NATS server answers')
      return 'there'
    }, log)
    t.equal(connected, 'there')
    t.strictSame(said, ['waiting for NATS'], 'not at every try')
    const old = async () => Promise.reject(new MurmurError('SERVER_TOO_OLD', 'too old'))
    await t.rejects(untilConnected(old, log), { code: 'SERVER_TOO_OLD' })
    const away = async () => Promise.reject(new MurmurError('UNAVAILABLE', 'away'))
    await t.rejects(untilConnected(away, log, 100), { code: 'UNAVAILABLE' })
  },
)

t.test('an agent waits for a stack, and fails at once for what waiting does not mend', async (t) => {
  const urls = [undefined, 'nats://old', 'nats://new']
  const stack = { noteFile: 'x', natsUrl: () => urls.shift() }
  const said: unknown[] = []
  const log = {
    debug() {},
    info() {},
    error() {},
    fatal() {},
    warn: (fields: unknown) => said.push(fields),
  } as never
  const connect = async (url: string) => {
    if (url === 'nats://old') throw new MurmurError('UNAVAILABLE', 'gone')
    return url
  }
  t.equal(await awaitLocalStack(stack, connect, { clock: systemClock, log }), 'nats://new')
  t.equal(said.length, 1, 'it says once that it waits')
  const refuse = async () => {
    throw new MurmurError('SERVER_TOO_OLD', 'old')
  }
  await t.rejects(
    awaitLocalStack({ noteFile: 'x', natsUrl: () => 'nats://new' }, refuse, { clock: systemClock, log }),
    { code: 'SERVER_TOO_OLD' },
  )
})
