import { PassThrough } from 'node:stream'
import t from 'tap'
import { withStallTimeout } from '../../../services/edge/gateway/stall-timeout.ts'

const STALL_MS = 100

t.test('an upload that stands still is ended, and what came before was passed on', async (t) => {
  const source = new PassThrough()
  const pieces: string[] = []
  source.write('a')
  const read = async () => {
    for await (const piece of withStallTimeout<Buffer>(source, STALL_MS)) pieces.push(piece.toString())
  }
  await t.rejects(read(), {
    code: 'INVALID_REQUEST',
    message: 'the upload did not come to its end: nothing came for 0.1 s',
  })
  t.strictSame(pieces, ['a'])
  t.ok(source.destroyed)
})

t.test('one that is slow and goes on is not', async (t) => {
  const source = new PassThrough()
  const pieces: string[] = []
  const fromMs = performance.now()
  source.write('a')
  for await (const piece of withStallTimeout<Buffer>(source, STALL_MS)) {
    pieces.push(piece.toString())
    if (performance.now() - fromMs > 2 * STALL_MS) source.end()
    else setTimeout(() => source.write('b'), STALL_MS / 4)
  }
  t.ok(pieces.length > 2, 'longer than it may stand still')
})

t.test('what takes long on this side is no fault of the sender, who hears when it is left', async (t) => {
  const source = new PassThrough({ objectMode: true })
  source.write('a')
  source.write('b')
  const pieces = withStallTimeout<Buffer>(source, STALL_MS)
  t.equal(String((await pieces.next()).value), 'a')
  await new Promise((resolve) => setTimeout(resolve, 2 * STALL_MS))
  t.equal(String((await pieces.next()).value), 'b')
  t.notOk(source.destroyed)
  await pieces.return(undefined)
  t.ok(source.destroyed)
})
