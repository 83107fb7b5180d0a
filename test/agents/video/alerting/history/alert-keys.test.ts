import fc from 'fast-check'
import t from 'tap'
import { ALERT_KEYS } from '../../../../../services/agents/video/alerting/history/alert-keys.ts'

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,16}$/)

/** Every key, of things with these names. */
function keysOf(a: string, b: string): string[] {
  return Object.values(ALERT_KEYS).map((key) =>
    typeof key === 'string' ? key : (key as (...names: string[]) => string)(a, b),
  )
}

t.test('all keys lie on one node of a cluster, whatever the names are', async () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) =>
      keysOf(a, b).every((key) => /^[^{]*\{([^}]*)\}/.exec(key)?.[1] === 'alerts'),
    ),
  )
})

t.test('no two keys are the same, whatever they are keys of', async () => {
  fc.assert(fc.property(token, token, (a, b) => new Set(keysOf(a, b)).size === keysOf(a, b).length))
})

t.test('the prefixes that scripts put an id behind make the same keys', async (t) => {
  const { alertPrefix, statusPrefix, reviewPrefix, reviewAlertsPrefix } = ALERT_KEYS
  t.equal(`${alertPrefix}a1`, ALERT_KEYS.alert('a1'))
  t.equal(`${statusPrefix}open`, ALERT_KEYS.status('open'))
  t.equal(`${reviewPrefix}r1`, ALERT_KEYS.review('r1'))
  t.equal(`${reviewAlertsPrefix}r1`, ALERT_KEYS.reviewAlerts('r1'))
})

t.test('cameras of different tenants have different keys', async () => {
  fc.assert(
    fc.property(token, token, token, token, (tenant, camera, otherTenant, otherCamera) => {
      const isSame = tenant === otherTenant && camera === otherCamera
      return (
        (ALERT_KEYS.lastReview(tenant, camera) === ALERT_KEYS.lastReview(otherTenant, otherCamera)) === isSame
      )
    }),
  )
})
