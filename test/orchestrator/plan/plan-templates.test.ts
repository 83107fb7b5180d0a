import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { LIMITS } from '#schemas/limits.ts'
import { planTemplateExample, putTemplateRequestSchema } from '#schemas/plan-template.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { PlanTemplates } from '../../../services/orchestrator/plan/plan-templates.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

/** As one orchestrator has them. */
async function open(t: { teardown(end: () => Promise<void>): void }): Promise<PlanTemplates> {
  const templates = new PlanTemplates({ bus: await openBus(t, servers.natsUrl), clock: systemClock })
  await templates.start()
  t.teardown(async () => {
    templates.quiesce()
    await templates.stop()
  })
  return templates
}

const { version: _v, createdAtMs: _at, ...CONTENT } = planTemplateExample
const content = (name: string, about: object = {}) =>
  putTemplateRequestSchema.parse({ ...CONTENT, name, ...about })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error: { code?: string }) => error.code ?? String(error),
  )

t.test('two orchestrators: what one has written the other finds at once', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  for (let version = 1; version <= 5; version++) {
    const put = await one.put('north', content('shared', { description: `${version}` }))
    t.match(put, { created: true, template: { version } })
    t.match(await other.resolve('north', 'shared'), { version, description: `${version}` })
  }
  t.match(await other.resolve('north', 'shared@2'), { version: 2, description: '2' })
  t.equal(await codeOf(other.resolve('south', 'shared')), 'TEMPLATE_NOT_FOUND', 'and no other tenant')
  await one.delete('north', { name: 'shared', version: 5 })
  t.match(await other.resolve('north', 'shared'), { version: 4 })
})

t.test('written at the same time: every version is written once, none is lost', async (t) => {
  const all = [await open(t), await open(t), await open(t)]
  const puts = await Promise.all(
    Array.from({ length: 9 }, (_, i) =>
      all[i % 3]!.put('north', content('race', { description: `text ${i}` })),
    ),
  )
  const versions = puts.map(({ template }) => template.version).toSorted((a, b) => a - b)
  t.strictSame(versions, [1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const { template } of puts)
    t.strictSame(await all[0]!.resolve('north', `race@${template.version}`), template)
})

t.test('an orchestrator that is behind writes over nothing', async (t) => {
  const bus = await openBus(t, servers.natsUrl)
  let release: (() => void) | undefined
  const behind = new Promise<void>((resolve) => {
    release = resolve
  })
  let isBehind = false
  // What the stream has got since is not known here until it has tried to write.
  const late = {
    serve: () => () => undefined,
    consumers: {
      readLog: (options: Parameters<typeof bus.consumers.readLog>[0]) =>
        bus.consumers.readLog({
          ...options,
          onMessage: (message) =>
            isBehind ? void behind.then(() => options.onMessage(message)) : options.onMessage(message),
        }),
    },
    streams: {
      lastSeq: async (stream: string, subject: string) =>
        isBehind ? 0 : bus.streams.lastSeq(stream, subject),
      messageAt: (stream: string, seq: number) => bus.streams.messageAt(stream, seq),
    },
    publisher: {
      publish: (...message: Parameters<typeof bus.publisher.publish>) =>
        bus.publisher.publish(...message).finally(() => {
          isBehind = false
          release?.()
        }),
    },
  }
  const templates = new PlanTemplates({ bus: late as never, clock: systemClock })
  await templates.start()
  t.teardown(() => templates.stop())
  const other = await open(t)
  isBehind = true
  const { template } = await other.put('north', content('late', { description: 'first' }))
  t.match(await templates.put('north', content('late', { description: 'second' })), {
    template: { version: 2 },
  })
  t.strictSame(await other.resolve('north', 'late@1'), template)
  t.match(await other.resolve('north', 'late'), { version: 2, description: 'second' })
})

t.test('a version is never written over, also not by who goes round the service', async (t) => {
  const templates = await open(t)
  const { template } = await templates.put('north', content('kept'))
  const forged = JSON.stringify({ v: 1, tenant: 'north', template: { ...template, description: 'forged' } })
  await t.rejects(
    bus.publisher.publish(SUBJECTS.planTemplate('north', 'kept', 1), forged, {
      msgId: 'forged',
      headers: { 'Nats-Expected-Last-Subject-Sequence': '0' },
      giveUpAfterMs: 2000,
    }),
    /wrong last sequence/,
  )
  t.strictSame(await templates.resolve('north', 'kept@1'), template)
})

t.test('the version that is expected, the same again, and what is deleted', async (t) => {
  const templates = await open(t)
  t.equal(await codeOf(templates.put('north', content('step', { version: 2 }))), 'TEMPLATE_CONFLICT')
  t.match(await templates.put('north', content('step', { version: 1 })), { created: true })
  t.match(await templates.put('north', content('step')), { created: false, template: { version: 1 } })
  t.strictSame(await templates.delete('north', { name: 'step' }), { name: 'step', versions: [1] })
  t.equal(await codeOf(templates.delete('north', { name: 'step' })), 'TEMPLATE_NOT_FOUND')
  t.match(await templates.put('north', content('step')), { created: true, template: { version: 2 } })
  const again = await open(t)
  t.equal(await codeOf(again.resolve('north', 'step@1')), 'TEMPLATE_NOT_FOUND', 'also after a restart')
  t.match(await again.resolve('north', 'step'), { version: 2 })
})

t.test('bounds: a template that is too large, and too many versions', async (t) => {
  const templates = await open(t)
  const steps = Array.from({ length: 200 }, (_, i) => ({ id: `s${i}`, agent: 'x', input: 'x'.repeat(700) }))
  const large = templates.put('north', content('large', { plan: { steps } }))
  t.equal(await codeOf(large), 'LIMIT_EXCEEDED')
  const write = (version: number) => {
    const stored = { v: 1, tenant: 'full', template: { ...planTemplateExample, name: 'many', version } }
    const subject = SUBJECTS.planTemplate('full', 'many', version)
    return bus.publisher.publish(subject, JSON.stringify(stored), { msgId: subject })
  }
  await Promise.all(Array.from({ length: LIMITS.templateVersions }, (_, i) => write(i + 1)))
  t.equal(await codeOf(templates.put('full', content('many', { description: 'one more' }))), 'LIMIT_EXCEEDED')
  await templates.delete('full', { name: 'many', version: 1 })
  t.match(await templates.put('full', content('many', { description: 'one more' })), {
    template: { version: LIMITS.templateVersions + 1 },
  })
})
