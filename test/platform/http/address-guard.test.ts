import t from 'tap'
import { createAddressGuard } from '#platform/http/address-guard.ts'

const PUBLIC_ONLY = createAddressGuard({ allow: [], ports: 'any' })

const FORBIDDEN_HOSTS = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '0x7f.1.'],
  ...['0', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '198.18.0.1'],
  ...['169.254.169.254', '169.254.0.1', '168.63.129.16', '100.100.100.200', '192.0.0.192'],
  ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '192.0.2.1', '203.0.113.9'],
  ...[
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::127.0.0.1]',
  ],
  ...[
    '[fe80::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::1]',
  ],
  ...[
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[4000::1]',
    '[::ffff:0:127.0.0.1]',
  ],
]

t.test('every spelling of an address that is not public is refused', async (t) => {
  for (const host of FORBIDDEN_HOSTS) {
    t.throws(() => PUBLIC_ONLY.parseUrl(`http://${host}/`), { code: 'ADDRESS_FORBIDDEN' }, host)
  }
})

t.test('public addresses and names pass', async (t) => {
  for (const host of ['1.1.1.1', '172.32.0.1', '[2606:4700:4700::1111]', '[::ffff:1.1.1.1]', 'example.org']) {
    t.doesNotThrow(() => PUBLIC_ONLY.parseUrl(`https://${host}/a?b=c`), host)
  }
})

t.test('other protocols, credentials in the URL and broken hosts are refused', async (t) => {
  const refused = [
    ...[
      'file:///etc/passwd',
      'ftp://example.org',
      'gopher://example.org',
      'data:,x',
      'javascript:1',
      'not a url',
    ],
    ...['http://user:password@example.org/', 'http://user@example.org/', 'http://1.1.1.1@127.0.0.1/'],
    ...['http://[fe80::1%25eth0]/', 'http://[fe80::1%eth0]/', 'http://256.1.1.1/', 'http://'],
  ]
  for (const url of refused) t.throws(() => PUBLIC_ONLY.parseUrl(url), { code: 'ADDRESS_FORBIDDEN' }, url)
})

t.test('a refusal does not repeat what may be secret in a URL', async (t) => {
  try {
    PUBLIC_ONLY.parseUrl('http://name:hush-hush@127.0.0.1/?token=hush-hush')
    t.fail('it was let through')
  } catch (error) {
    t.notMatch((error as Error).message, /hush/)
  }
})

t.test('only the ports of the policy', async (t) => {
  const guard = createAddressGuard({ allow: [], ports: [80, 443] })
  t.doesNotThrow(() => guard.parseUrl('http://example.org/'))
  t.doesNotThrow(() => guard.parseUrl('https://example.org/'))
  t.throws(() => guard.parseUrl('http://example.org:6379/'), { code: 'ADDRESS_FORBIDDEN' })
})

t.test('the policy can allow ranges, addresses and names', async (t) => {
  const allow = ['127.0.0.0/8', 'fd12::/16', '192.168.7.7', 'Internal.Example.']
  const guard = createAddressGuard({ allow, ports: 'any' })
  const passing = ['127.0.0.1', '[::ffff:127.0.0.1]', '[fd12::5]', '192.168.7.7']
  for (const host of passing) t.doesNotThrow(() => guard.parseUrl(`http://${host}/`), host)
  for (const host of ['192.168.7.8', '[fd13::5]', '[::1]', '169.254.169.254']) {
    t.throws(() => guard.parseUrl(`http://${host}/`), { code: 'ADDRESS_FORBIDDEN' }, host)
  }
  t.ok(guard.allows('10.0.0.1', 'internal.example'))
  t.notOk(guard.allows('10.0.0.1', 'other.example'))
})

t.test('an address with a zone, or none at all, is never allowed', async (t) => {
  t.notOk(PUBLIC_ONLY.allows('fe80::1%eth0', 'a.example'))
  t.notOk(PUBLIC_ONLY.allows('2606:4700::1%eth0', 'a.example'))
  t.notOk(PUBLIC_ONLY.allows('', 'a.example'))
})
