import t from 'tap'
import { fits } from '#subjects/permission.ts'
import { permissionsOf } from '#subjects/permissions.ts'
import { onSite, SITE_MAPPINGS, SITE_ONLY, siteKeeperRole } from '#subjects/site-permissions.ts'

const subjects = (list: readonly { subject: string }[]) => list.map(({ subject }) => subject)

t.test(
  'an agent on a site may ask for its steps under both names, on either side of the mapping',
  async (t) => {
    const agent = permissionsOf('video', [{ kind: 'agent', type: 'capture--yard' }])
    const { publish } = onSite(agent)
    t.ok(subjects(publish).includes('$JS.API.CONSUMER.MSG.NEXT.STEPS.capture--yard-p0'))
    t.ok(subjects(publish).includes('centre.steps.next.capture--yard-p0'))
    const [[from, to] = ['', '']] = SITE_MAPPINGS
    t.ok(fits('$JS.API.CONSUMER.MSG.NEXT.STEPS.capture--yard-p0', from))
    t.equal(to, 'centre.steps.next.$1')
  },
)

t.test('capture on a site has what capture has elsewhere', async (t) => {
  const elsewhere = subjects(permissionsOf('x', [{ kind: 'agent', type: 'capture' }]).publish)
  const there = subjects(permissionsOf('x', [{ kind: 'agent', type: 'capture--yard' }]).publish)
  t.strictSame(
    there.map((subject) => subject.replaceAll('capture--yard', 'capture')),
    elsewhere,
  )
})

t.test('the keeper speaks for its own site, reads no frames and deletes nothing', async (t) => {
  const { publish, subscribe } = siteKeeperRole('yard')
  const said = subjects(publish)
  t.ok(said.includes('sites.heartbeat.yard'))
  t.notOk(said.some((subject) => /DELETE|PURGE|NEXT\.(FRAMES|STEPS)/.test(subject)))
  t.strictSame(subjects(subscribe), ['murmur.queues.provide'])
  t.strictSame(SITE_ONLY, ['frames.*.*', 'detections.*.*', 'gated-frames.*.*', 'frames.*.*.*'])
})
