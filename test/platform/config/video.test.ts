import t from 'tap'
import { createAddressGuard } from '#platform/http/address-guard.ts'
import { loadVideoConfig } from '../../../services/agents/video/capture/video-config.ts'

t.test('networks: private ones by default, loopback only by name', async (t) => {
  const allows = (networks: readonly string[], address: string) =>
    createAddressGuard({ allow: networks, ports: 'any' }).allows(address, address)
  const { networks } = loadVideoConfig({})
  for (const address of ['10.1.1.1', '172.20.0.1', '192.168.7.7', 'fd00::7', '8.8.8.8'])
    t.ok(allows(networks, address), address)
  for (const address of [
    '127.0.0.1',
    '::1',
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '::ffff:127.0.0.1',
  ])
    t.notOk(allows(networks, address), address)
  t.ok(allows(loadVideoConfig({ MURMUR_VIDEO_NETWORKS: '127.0.0.0/8' }).networks, '127.0.0.1'))
  t.throws(() => loadVideoConfig({ MURMUR_VIDEO_NETWORKS: 'a b' }), { code: 'CONFIG_INVALID' })
})
