import t from 'tap'
import type { ConsumerSpec } from '#subjects/streams.ts'
import type { ProvideQueueRequest } from '../../../schemas/agent.ts'
import { QueueProvider } from '../../../services/orchestrator/registry/queue-provider.ts'

type Serve = (request: ProvideQueueRequest) => Promise<unknown>

/** What it makes for a request, and its answer. */
function provider() {
  const made: string[] = []
  let handler: Serve | undefined
  const bus = {
    serve(operation: string, handle: Serve) {
      t.equal(operation, 'provideQueue')
      handler = handle
      return () => {
        handler = undefined
      }
    },
    brokerClock: { nowMs: () => 1234 },
    frames: { provision: async () => void made.push('frames') },
    consumers: {
      provision: async ({ stream, name }: ConsumerSpec) => void made.push(`${stream} ${name}`),
    },
  } as unknown as ConstructorParameters<typeof QueueProvider>[0]
  const component = new QueueProvider(bus)
  component.start()
  return {
    component,
    made,
    ask: (request: ProvideQueueRequest) => handler!(request),
    serves: () => handler !== undefined,
  }
}

t.test('each queue that others may ask for, and the time at the broker', async (t) => {
  const { component, made, ask, serves } = provider()
  t.strictSame(await ask({ queue: 'frames' }), { ok: true, brokerNowMs: 1234 })
  await ask({ queue: 'camera-events' })
  await ask({ queue: 'alert-sink', sink: 'slack' })
  t.equal(made[0], 'frames')
  t.match(made[1], /^CAMERA_EVENTS /)
  t.match(made[2], /^ALERTS .*slack/)
  component.quiesce()
  t.notOk(serves())
})
