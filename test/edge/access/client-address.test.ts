import t from 'tap'
import { isNetwork, plainAddress, TrustedProxies } from '../../../services/edge/access/client-address.ts'

t.test('addresses and ranges, and nothing else', async (t) => {
  for (const entry of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'])
    t.ok(isNetwork(entry), entry)
  for (const entry of [
    '',
    'proxy',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '::1/129',
    '10.0.0.0/',
    'fe80::1%eth0',
    '10.0.0/8',
  ])
    t.notOk(isNetwork(entry), entry)
})

t.test('an address is one however it is written', async (t) => {
  t.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1')
  t.equal(plainAddress(' 10.0.0.1:5000'), '10.0.0.1')
  t.equal(plainAddress('[::1]:443'), '::1')
  t.equal(plainAddress('2001:DB8::1'), '2001:db8::1')
  for (const text of ['', 'unknown', '_hidden', '10.0.0.1.', '999.1.1.1', 'fe80::1%eth0'])
    t.equal(plainAddress(text), undefined, text)
})

t.test('the right-most address that is no trusted proxy’s', async (t) => {
  const proxies = new TrustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  const of = (peer: string, forwarded?: string | string[]) => proxies.clientOf(peer, forwarded)
  t.equal(of('127.0.0.1:9', '198.51.100.7'), '198.51.100.7')
  t.equal(of('::ffff:127.0.0.1', '198.51.100.7, 10.1.1.1'), '198.51.100.7')
  t.equal(
    of('127.0.0.1', '1.1.1.1, 198.51.100.7, 10.1.1.1'),
    '198.51.100.7',
    'what stands left of it is not believed',
  )
  t.equal(of('127.0.0.1', ['1.1.1.1', '198.51.100.7']), '198.51.100.7', 'several headers are one')
  t.equal(of('127.0.0.1', '198.51.100.7, rubbish, 10.1.1.1'), '10.1.1.1', 'what is no address ends the walk')
  t.equal(of('127.0.0.1', '10.2.2.2, 10.1.1.1'), '10.2.2.2', 'where all are proxies, the first of them')
  t.equal(of('fd00::5', '2001:db8::7'), '2001:db8::7')
  t.equal(of('127.0.0.1'), '127.0.0.1')
  t.equal(of('192.0.2.1', '198.51.100.7'), '192.0.2.1', 'nobody else is believed')
  t.equal(new TrustedProxies().clientOf('127.0.0.1', '198.51.100.7'), '127.0.0.1')
  t.equal(of('', '198.51.100.7'), 'unknown')
})

t.test('IPv4 is not trusted by a range of IPv6', async (t) => {
  t.notOk(new TrustedProxies(['::/0']).trusts('127.0.0.1'))
})
