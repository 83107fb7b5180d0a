import t from 'tap'
import { sourcePolicy } from '../../../services/agents/video/capture/source/source-policy.ts'
import { loadVideoConfig, type VideoConfig } from '../../../services/agents/video/capture/video-config.ts'

t.test('networks: private ones by default, loopback only by name', async (t) => {
  const allows = (networks: VideoConfig['networks'], address: string, tenant?: string) =>
    sourcePolicy({ networks, ports: [] }, tenant).guard.allows(address, address)
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
  t.notOk(allows(networks, '10.1.1.1', 'acme'), 'for those that an operator allows')
  const { networks: own } = loadVideoConfig({
    MURMUR_VIDEO_NETWORKS: 'acme=10.1.0.0/16,*=10.2.0.0/16, 10.3.0.0/16',
  })
  const reached = (tenant: string) =>
    ['10.1.0.1', '10.2.0.1', '10.3.0.1'].map((address) => allows(own, address, tenant))
  t.strictSame(reached('acme'), [true, true, false])
  t.strictSame(reached('default'), [false, true, true])
  t.strictSame(reached('other'), [false, true, false])
  for (const MURMUR_VIDEO_PORTS of ['0', '70000', 'a b=1', 'acme=x'])
    t.throws(() => loadVideoConfig({ MURMUR_VIDEO_PORTS }), { code: 'CONFIG_INVALID' })
  const { ports } = loadVideoConfig({ MURMUR_VIDEO_PORTS: 'acme=9000,other=*' })
  const isRefused = (port: number, tenant: string) => {
    try {
      sourcePolicy({ networks, ports }, tenant).assertUrl(new URL(`rtsp://8.8.8.8:${port}/`))
      return false
    } catch {
      return true
    }
  }
  t.strictSame(
    [554, 9000, 22].map((port) => isRefused(port, 'acme')),
    [false, false, true],
  )
  t.strictSame(
    [554, 9000, 22].map((port) => isRefused(port, 'default')),
    [false, true, true],
  )
  t.strictSame(
    [554, 9000, 22].map((port) => isRefused(port, 'other')),
    [false, false, false],
  )
  t.throws(() => loadVideoConfig({ MURMUR_VIDEO_NETWORKS: 'a b' }), { code: 'CONFIG_INVALID' })
})
