import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { systemClock } from '#platform/clock/clock.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { type AgentContext, defineAgent, done, fail, type Outcome } from '../../services/sdk/index.ts'
import { boundedSleep, type RunStepDeps, runStep } from '../../services/sdk/run-step.ts'
import { openBus } from '../support/bus.ts'
import { quietLog } from '../support/owner-fixture.ts'
import { withServers } from '../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const blobs = await bus.objects.create({ storageBytes: 1024 ** 3 })
const bytes = randomBytes(3_000_000)
const ref = await blobs.put('uploads', bytes, { contentType: 'text/csv' })

type Handle = (ctx: AgentContext) => Promise<Outcome<{ bytes: number }>>

function run(handle: Handle, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const { timeoutMs = 10_000, signal = new AbortController().signal } = options
  const agent = defineAgent({
    name: 'reader',
    input: z.object({}),
    output: z.object({ bytes: z.number() }),
    handle: (_, ctx) => handle(ctx),
  })
  const deps = { agent, bus, blobs, clock: systemClock, log: quietLog, signal } as unknown as RunStepDeps
  return runStep({ ...stepMessageExample, timeoutMs, input: {} }, deps)
}

t.test('files of a step are gone with it, however it ends', async (t) => {
  const paths: string[] = []
  const fetched = async (ctx: AgentContext) => {
    const { path } = await ctx.blobs.file(ref)
    paths.push(path)
    return readFile(path)
  }
  const { outcome } = await run(async (ctx) => {
    const read = await fetched(ctx)
    t.ok(bytes.equals(read), 'streamed as it is')
    return done({ bytes: read.length })
  })
  t.strictSame(outcome, { kind: 'done', output: { bytes: bytes.length } })
  const failed = await run(async (ctx) => fail('NO_USE', `${(await fetched(ctx)).length} bytes of it`))
  t.match(failed.outcome, { kind: 'fail', error: { code: 'NO_USE' } })
  const thrown = await run(async (ctx) => {
    throw new Error(`${(await fetched(ctx)).length} bytes too many`)
  })
  t.match(thrown.outcome, { kind: 'retry' })
  t.equal(paths.length, 3)
  t.strictSame(paths.filter(existsSync), [])
})

t.test('also under a handler that does not heed its signal', async (t) => {
  const ending = Promise.withResolvers<void>()
  let path = ''
  const { outcome, lingering } = await run(
    async (ctx) => {
      path = (await ctx.blobs.file(ref)).path
      await ending.promise
      await t.rejects(ctx.blobs.file(ref), /the attempt took too long|the step is over/)
      return done({ bytes: 0 })
    },
    { timeoutMs: 500 },
  )
  t.match(outcome, { kind: 'retry', error: { code: 'STEP_TIMEOUT' } })
  t.not(path, '')
  t.notOk(existsSync(path))
  ending.resolve()
  await lingering
})

t.test('an object that is not as it was said is told with its code', async (t) => {
  const corrupt = await run(async (ctx) =>
    done({ bytes: (await ctx.blobs.file({ ...ref, sha256: '0'.repeat(64) })).size }),
  )
  t.match(corrupt.outcome, { kind: 'retry', error: { code: 'BLOB_CORRUPT' } })
  const none = await run(async (ctx) =>
    done({ bytes: (await ctx.blobs.file({ ...ref, blob: 'uploads/none' })).size }),
  )
  t.match(none.outcome, { kind: 'retry', error: { code: 'BLOB_NOT_FOUND' } })
})

t.test('an abort ends the fetching', async (t) => {
  const controller = new AbortController()
  let heard = 0
  const running = run(
    async (ctx) => {
      const onBytes = (n: number) => {
        heard = n
        controller.abort(new Error('the task has ended'))
      }
      return done({ bytes: (await ctx.blobs.file(ref, { onBytes })).size })
    },
    { signal: controller.signal },
  )
  t.match((await running).outcome, { kind: 'retry', error: { message: 'the task has ended' } })
  t.ok(heard > 0 && heard < bytes.length)
})

t.test('ctx.sleep ends after its time, or with the signal', async (t) => {
  const slept = await run(async (ctx) => {
    const beganMs = performance.now()
    await ctx.sleep(20)
    return done({ bytes: Math.ceil(performance.now() - beganMs) })
  })
  t.ok(slept.outcome.kind === 'done' && (slept.outcome.output as { bytes: number }).bytes >= 20)
  const { outcome } = await run(
    async (ctx) => {
      await ctx.sleep(3_600_000)
      throw ctx.signal.reason
    },
    { signal: AbortSignal.timeout(20) },
  )
  t.match(outcome, { kind: 'retry' })
  t.strictSame([5, -1, Number.NaN, 'x', Number.POSITIVE_INFINITY].map(boundedSleep), [5, 0, 0, 0, 86_400_000])
})
