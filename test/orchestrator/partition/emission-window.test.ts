import t from 'tap'
import { EmissionWindow } from '../../../services/orchestrator/partition/emission-window.ts'

function emission() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { promise, done: resolve, fail: (why: string) => reject(new Error(why)) }
}

/** Lets everything run that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

t.test('the watermark is the offset up to which everything is out', async (t) => {
  const window = new EmissionWindow(10, 8)
  const [first, second] = [emission(), emission()]
  await window.add(20, first.promise)
  await window.add(30, second.promise)
  second.done()
  await settle()
  t.equal(window.watermark, 10, 'the first is still out')
  first.done()
  await window.settled()
  t.equal(window.watermark, 30)
})

t.test('so many emissions are under way and no more', async (t) => {
  const window = new EmissionWindow(0, 2)
  const [first, second] = [emission(), emission()]
  await window.add(1, first.promise)
  let added = false
  const adding = window.add(2, second.promise).then(() => {
    added = true
  })
  await settle()
  t.notOk(added)
  first.done()
  await adding
  t.equal(window.watermark, 1)
  second.done()
  await window.settled()
})

t.test('after a failure the watermark stays, and whoever asks is told', async (t) => {
  const window = new EmissionWindow(0, 8)
  const [first, second, third] = [emission(), emission(), emission()]
  await window.add(1, first.promise)
  await window.add(2, second.promise)
  await window.add(3, third.promise)
  first.done()
  second.fail('no space')
  third.done()
  await t.rejects(window.settled(), /no space/)
  t.equal(window.watermark, 1)
  await t.rejects(window.add(4, Promise.resolve()), /no space/)
})

t.test('what waits for room keeps the watermark back', async (t) => {
  let heldFrom: number | undefined
  const window = new EmissionWindow(10, 8, () => heldFrom)
  await window.add(20, Promise.resolve())
  await window.settled()
  t.equal(window.watermark, 20)
  heldFrom = 15
  t.equal(window.watermark, 14)
  await window.add(30, Promise.resolve())
  await window.settled()
  t.equal(window.watermark, 14, 'later ones are out, and still it stays')
  heldFrom = undefined
  t.equal(window.watermark, 30)
})
