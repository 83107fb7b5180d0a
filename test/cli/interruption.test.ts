import { once } from 'node:events'
import t from 'tap'
import {
  interruptionOf,
  listenForInterruption,
  throwIfInterrupted,
  unlessInterrupted,
} from '../../services/cli/interruption.ts'

t.test('the first signal asks for an end in order, and leaves no listener behind', async (t) => {
  const before = process.listenerCount('SIGTERM')
  const interruption = listenForInterruption()
  t.teardown(() => interruption.end())
  t.equal(interruption.signal.aborted, false)
  const aborted = once(interruption.signal, 'abort')
  process.emit('SIGTERM')
  await aborted
  t.equal(interruption.signal.aborted, true)
  interruption.end()
  t.equal(process.listenerCount('SIGTERM'), before)
})

t.test('work goes on unless the command is asked to end', async (t) => {
  const controller = new AbortController()
  t.equal(await unlessInterrupted(Promise.resolve(7), controller.signal), 7)
  await t.rejects(unlessInterrupted(Promise.reject(new Error('its own')), controller.signal), /its own/)
  const endless = unlessInterrupted(new Promise(() => undefined), controller.signal)
  controller.abort()
  await t.rejects(endless, { code: 'INTERRUPTED', exitCode: 130 })
})

t.test('between two pieces of work', async (t) => {
  const controller = new AbortController()
  throwIfInterrupted(controller.signal)
  controller.abort()
  t.throws(() => throwIfInterrupted(controller.signal), { code: 'INTERRUPTED' })
  await interruptionOf(controller.signal)
})
