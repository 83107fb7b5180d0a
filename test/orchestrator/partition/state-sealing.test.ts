import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createPayloadCodec } from '#platform/secrets/payload-codec.ts'
import { openText, sealedTenant, sealText } from '../../../services/orchestrator/partition/state-sealing.ts'

const codec = createPayloadCodec([{ id: 'a', tenant: '*', key: randomBytes(32) }])

t.test('a text is stored as it is without keys, and encrypted with them', async (t) => {
  t.equal(sealText(undefined, 'acme', 'state\nt', '{"v":1}'), '{"v":1}')
  t.equal(sealText(codec, 'acme', 'state\nt', ''), '', 'nothing stays nothing')
  const sealed = sealText(codec, 'acme', 'state\nt', '{"text":"MARKER"}')
  t.match(sealed, /^\{"v":3,"tenant":"acme","sealed":"a\.[\w-]+"\}$/)
  t.equal(openText(codec, 'state\nt', sealed), '{"text":"MARKER"}')
  t.equal(openText(codec, 'state\nt', '{"v":1}'), '{"v":1}', 'from before there were keys')
})

t.test('elsewhere, changed, or without its key it does not open', async (t) => {
  const sealed = sealText(codec, 'acme', 'state\nt', '{}')
  t.throws(() => openText(codec, 'state\nu', sealed), { code: 'PAYLOAD_UNREADABLE' })
  t.throws(() => openText(codec, 'state\nt', sealed.replace('acme', 'other')), { code: 'PAYLOAD_UNREADABLE' })
  t.throws(() => openText(codec, 'state\nt', sealed.slice(0, -3)), { code: 'PAYLOAD_UNREADABLE' })
  t.throws(() => openText(undefined, 'state\nt', sealed), { code: 'PAYLOAD_KEY_MISSING' })
})

t.test(
  'whose it is can be told without its key; where nobody knows whose it is, there is nothing to encrypt',
  async (t) => {
    const sealed = sealText(codec, 'acme', 'state\nt', '{}')
    t.equal(sealedTenant(sealed), 'acme')
    t.equal(sealedTenant('{"v":1,"tenant":"acme"}'), undefined)
    t.equal(sealText(codec, '', 'state\nt', '{"v":1}'), '{"v":1}')
  },
)
