import t from 'tap'
import { createDisplayRing } from '../../../../../services/agents/video/capture/publish/display-ring.ts'

t.test('the ring keeps the last and uses its memory again', async (t) => {
  const ring = createDisplayRing(3)
  const buffers = new Set<Buffer>()
  for (let seq = 1; seq <= 20; seq++) {
    const yuv420p = ring.lend(6)
    buffers.add(yuv420p)
    ring.put(seq, { width: 2, height: 2, yuv420p })
  }
  t.ok(ring.get(18) && ring.get(20))
  t.equal(ring.get(17), undefined)
  t.ok(buffers.size <= 4, `${buffers.size} buffers`)
  t.equal(ring.lend(24).length, 24, 'another size after the source has changed')
})

t.test('a buffer that is given back is lent next', async (t) => {
  const ring = createDisplayRing(3)
  const buffer = ring.lend(6)
  ring.giveBack(buffer)
  t.equal(ring.lend(6), buffer)
  t.not(ring.lend(6), buffer)
})
