import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readEdgeTls } from '../../services/edge/edge-tls.ts'

t.test('a certificate comes with its key, and both can be read', async (t) => {
  const folder = t.testdir()
  const file = (name: string) => {
    writeFileSync(join(folder, name), name)
    return join(folder, name)
  }
  t.equal(readEdgeTls({}), undefined)
  t.throws(() => readEdgeTls({ tlsCert: file('c') }), {
    code: 'CONFIG_INVALID',
    message: /needs MURMUR_EDGE_TLS_KEY/,
  })
  t.throws(() => readEdgeTls({ tlsCert: file('c'), tlsKey: join(folder, 'none') }), {
    code: 'CONFIG_INVALID',
  })
  t.strictSame(readEdgeTls({ tlsCert: file('c'), tlsKey: file('k') }), {
    cert: Buffer.from('c'),
    key: Buffer.from('k'),
  })
  t.strictSame(
    readEdgeTls({ tlsCert: file('c'), tlsKey: file('k'), tlsClientCa: file('a') })?.clientCa,
    Buffer.from('a'),
  )
})
