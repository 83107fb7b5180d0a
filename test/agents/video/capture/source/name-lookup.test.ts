import type { LookupAddress } from 'node:dns'
import t from 'tap'
import { createNameLookup } from '../../../../../services/agents/video/capture/source/name-lookup.ts'

t.test('while a name is asked for it is not asked for again, and everybody hears the answer', async (t) => {
  const asked: string[] = []
  let answer: (address: string) => void = () => undefined
  const lookup = createNameLookup((hostname, _options, callback) => {
    asked.push(hostname)
    answer = (address) => callback(null, [{ address, family: 4 }])
  })
  const ask = () =>
    new Promise<LookupAddress[]>((resolve) =>
      lookup('cam.lan', { all: true }, (_error, addresses) => resolve(addresses)),
    )
  const both = Promise.all([ask(), ask()])
  answer('192.0.2.1')
  t.strictSame(await both, [[{ address: '192.0.2.1', family: 4 }], [{ address: '192.0.2.1', family: 4 }]])
  const later = ask()
  answer('192.0.2.2')
  t.match(await later, [{ address: '192.0.2.2' }])
  t.strictSame(asked, ['cam.lan', 'cam.lan'])
})
