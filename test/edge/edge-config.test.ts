import t from 'tap'
import { loadEdgeConfig, warnOfPlainText } from '../../services/edge/edge-config.ts'

const required = { MURMUR_EDGE_AUTH: 'required' }

t.test('proxies are addresses and ranges', async (t) => {
  t.strictSame(loadEdgeConfig({ MURMUR_EDGE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies, [
    '10.0.0.0/8',
    '::1',
  ])
  for (const wrong of ['proxy.example.org', '10.0.0.0/99', '*'])
    t.throws(() => loadEdgeConfig({ MURMUR_EDGE_TRUSTED_PROXIES: wrong }), { code: 'CONFIG_INVALID' }, wrong)
})

t.test('credentials in plain text on an address that others reach are said loudly', async (t) => {
  const warned = (env: Record<string, string>) => {
    const lines: string[] = []
    const warn = (_about: object, line: string) => void lines.push(line)
    warnOfPlainText(loadEdgeConfig(env), { warn } as never)
    return lines.join()
  }
  t.match(warned({ ...required, MURMUR_EDGE_HOST: '0.0.0.0' }), /PLAIN TEXT.*MURMUR_EDGE_TLS_CERT/)
  t.equal(warned({ ...required, MURMUR_EDGE_HOST: '127.0.0.1' }), '', 'nobody else reaches it')
  t.equal(
    warned({
      ...required,
      MURMUR_EDGE_HOST: '0.0.0.0',
      MURMUR_EDGE_TLS_CERT: '/c',
      MURMUR_EDGE_TLS_KEY: '/k',
    }),
    '',
  )
  t.equal(warned({}), '', 'nothing is sent')
})
