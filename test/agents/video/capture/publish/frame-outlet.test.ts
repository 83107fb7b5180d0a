import t from 'tap'
import type { FrameHeader } from '#schemas/frame.ts'
import { createFrameOutlet } from '../../../../../services/agents/video/capture/publish/frame-outlet.ts'

const frameHeader: Omit<FrameHeader, 'width' | 'height'> = {
  ...{
    v: 1,
    camera: 'a',
    monitor: 'm',
    epoch: 1,
    seq: 1,
    capturedAtMs: 1,
    atMs: 1,
    mediaMs: 0,
    pace: 'live',
  },
  ...{ contentWidth: 16, contentHeight: 16 },
}

t.test('outlet: lets go while the connection is down or behind, and recovers', async (t) => {
  const header = { ...frameHeader, width: 16, height: 16, contentWidth: 16, contentHeight: 16 }
  const planes = Buffer.alloc(16 * 16 * 3)
  let flushed = Promise.withResolvers<void>()
  let sent = 0
  const bus = { connected: true, publishCore: () => void sent++, flush: () => flushed.promise }
  const outlet = createFrameOutlet(bus, 1500)
  const offer = () => outlet.offer({ header, planes })
  t.ok(offer())
  t.ok(offer())
  t.notOk(offer(), 'more than 1500 bytes wait')
  t.notOk(outlet.isOpen)
  const next = Promise.withResolvers<void>()
  const before = flushed
  flushed = next
  before.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(offer())
  next.reject(new Error('disconnected'))
  await new Promise((resolve) => setImmediate(resolve))
  bus.connected = false
  t.notOk(offer())
  bus.connected = true
  t.ok(outlet.isOpen, 'what a broken connection held is forgotten')
  t.equal(sent, 3)
})

t.test('each frame goes to those who run its model; a complete reading has a subject of its own', (t) => {
  const planes = Buffer.alloc(16 * 16 * 3)
  const subjects: string[] = []
  const bus = {
    connected: true,
    publishCore: (subject: string) => void subjects.push(subject),
    flush: async () => undefined,
  }
  const outlet = createFrameOutlet(bus)
  const offer = (about: Partial<FrameHeader>) =>
    outlet.offer({ header: { ...frameHeader, width: 16, height: 16, ...about }, planes })
  offer({})
  offer({ tenant: 'acme', model: 'own.v2' })
  offer({ pace: 'complete' })
  offer({ pace: 'complete', model: 'nano' })
  t.strictSame(subjects, [
    'frames.default.a',
    'frames.acme.a.own~v2',
    'frames.default.a:m',
    'frames.default.a:m.nano',
  ])
  t.end()
})
