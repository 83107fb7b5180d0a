import { connect, headers, type Msg } from '@nats-io/transport-node'
import t from 'tap'
import { headerIn, headerOf } from '#platform/nats/message-header.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const nc = await connect({ servers: servers.natsUrl })
t.teardown(() => nc.close())

const NAMES = ['a', 'A', 'b', 'traceparent', 'Nats-Msg-Id', 'empty', 'missing', 'value', '']

/** A message with these headers, as it comes over a real connection. */
async function sent(values: readonly (readonly [string, string])[] | undefined): Promise<Msg> {
  const subscription = nc.subscribe('there', { max: 1 })
  const given = values && headers()
  for (const [name, value] of values ?? []) given!.append(name, value)
  nc.publish('there', 'a: body\r\nb: body', given && { headers: given })
  for await (const message of subscription) return message
  throw new Error('no message')
}

t.test('a header is what the client itself reads, on real messages', async (t) => {
  const cases = [
    undefined,
    [],
    [['a', '1']],
    [
      ['Nats-Msg-Id', 'x:y:1'],
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ],
    [
      ['a', 'first'],
      ['a', 'second'],
      ['b', '  spaces  '],
      ['empty', ''],
    ],
    [
      ['value', 'a: 1, b: 2'],
      ['b', 'äöü ☃'],
    ],
  ] as const
  for (const values of cases) {
    const message = await sent(values)
    for (const name of NAMES.filter((one) => one !== ''))
      t.equal(headerOf(message, name), (await sent(values)).headers?.get(name) || undefined, name)
  }
})

t.test('a client that does not show its bytes is asked', async (t) => {
  const given = headers()
  given.set('a', '1')
  t.equal(headerOf({ headers: given } as unknown as Msg, 'a'), '1')
  t.equal(headerOf({} as unknown as Msg, 'a'), undefined)
})

t.test('headers that are cut off or odd do no harm', async (t) => {
  t.equal(headerIn('NATS/1.0\r\na: 1', 'a'), '1')
  t.equal(headerIn('NATS/1.0 503\r\n\r\n', 'a'), undefined)
  t.equal(headerIn('', 'a'), undefined)
  t.equal(headerIn('NATS/1.0\r\nxa: 1\r\n\r\n', 'a'), undefined, 'not the end of another')
  t.equal(headerIn('NATS/1.0\r\nb: a: 1\r\n\r\n', 'a'), undefined, 'not within a value')
})
