import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { activeTraceId, activeTraceparent, withTrace } from '#platform/telemetry/active-trace.ts'
import { derivedSpan, PARTS } from '#platform/telemetry/derived-span.ts'
import { resourceOf } from '#platform/telemetry/span-export.ts'
import { parseTraceparent } from '#platform/telemetry/traceparent.ts'
import { projectRoot } from '../../../deploy/local/project-paths.ts'

const OWN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

t.test('a part of a task has the same span from everybody', async (t) => {
  const first = derivedSpan(OWN, PARTS.dispatch('map.3', 1))
  t.equal(derivedSpan(OWN, PARTS.dispatch('map.3', 1)), first)
  t.match(parseTraceparent(first), { traceId: OWN.slice(3, 35), sampled: true })
  const others = [PARTS.dispatch('map.3', 2), PARTS.dispatch('map.4', 1), PARTS.step('map'), PARTS.submission]
  t.equal(new Set([first, ...others.map((part) => derivedSpan(OWN, part))]).size, 5)
  t.equal(derivedSpan('none', 'x'), 'none')
  const unsampled = OWN.replace(/1$/, '0')
  t.equal(derivedSpan(unsampled, PARTS.submission), unsampled, 'what nobody records needs no ids')
})

t.test('what is done for a trace knows it, across awaits, and nobody else', async (t) => {
  await withTrace(OWN, async () => {
    await Promise.resolve()
    t.equal(activeTraceparent(), OWN)
    t.equal(activeTraceId(), OWN.slice(3, 35))
  })
  t.equal(activeTraceparent(), undefined)
  t.equal(
    withTrace(undefined, () => activeTraceId()),
    undefined,
  )
})

t.test('the version is that of the package', async (t) => {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  t.equal(SOFTWARE_VERSION, (JSON.parse(text) as { version: string }).version)
})

t.test('what an operator says of a service goes before what it says itself', async (t) => {
  const config = { service: 'edge', instance: 'edge-1', traceRatio: 1, version: '1.2.3' }
  t.strictSame(resourceOf(config), {
    'service.namespace': 'murmuration',
    'service.name': 'edge',
    'service.instance.id': 'edge-1',
    'service.version': '1.2.3',
  })
  const set = {
    serviceName: 'front',
    resourceAttributes: 'service.namespace=shop,zone = a%20b ,=none,bad=%,service.name=lost',
  }
  t.match(resourceOf({ ...config, ...set }), {
    'service.namespace': 'shop',
    'service.name': 'front',
    zone: 'a b',
  })
  t.notOk('bad' in resourceOf({ ...config, ...set }))
})
