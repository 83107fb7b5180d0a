import t from 'tap'
import { PictureQueue } from '../../../../services/console/screens/cameras/picture-queue.ts'

t.test('so many at once and no more, the others in their turn', async (t) => {
  const queue = new PictureQueue(2)
  const { signal } = new AbortController()
  const ends: (() => void)[] = []
  let most = 0
  let running = 0
  const run = (name: number) =>
    queue.run(async () => {
      running++
      most = Math.max(most, running)
      await new Promise<void>((resolve) => ends.push(resolve))
      running--
      return name
    }, signal)
  const all = Promise.all([1, 2, 3, 4, 5].map(run))
  let ended = 0
  while (ended < 5) {
    await new Promise(setImmediate)
    for (const end of ends.splice(0)) {
      ended++
      end()
    }
  }
  t.strictSame(await all, [1, 2, 3, 4, 5])
  t.equal(most, 2)
})

t.test('what fails or was given up makes room', async (t) => {
  const queue = new PictureQueue(1)
  const gone = AbortSignal.abort(new Error('gone'))
  await t.rejects(
    queue.run(async () => t.fail('never begun'), gone),
    { message: 'gone' },
  )
  const { signal } = new AbortController()
  await t.rejects(
    queue.run(() => Promise.reject(new Error('no')), signal),
    { message: 'no' },
  )
  t.equal(await queue.run(async () => 7, signal), 7)
})
