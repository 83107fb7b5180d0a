import fc from 'fast-check'
import t from 'tap'
import { createRtpOrder } from '../../../../../services/agents/video/capture/source/rtp-order.ts'

function packet(sequence: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt16BE(sequence % 0x1_0000, 2)
  return bytes
}
const numbers = (packets: Buffer[]) => packets.map((each) => each.readUInt16BE(2))

t.test('in order over the end of the numbers; what came twice or too late is left out', async (t) => {
  const order = createRtpOrder()
  t.strictSame(numbers(order.take(packet(65_534))), [65_534])
  t.strictSame(numbers(order.take(packet(0))), [])
  t.strictSame(numbers(order.take(packet(65_535))), [65_535, 0])
  t.strictSame(numbers(order.take(packet(65_535))), [])
  t.strictSame(numbers(order.take(packet(1))), [1])
})

t.test('what is missing is given up when it is said, or when too much waits', async (t) => {
  const order = createRtpOrder()
  order.take(packet(1))
  order.take(packet(3))
  order.take(packet(6))
  t.strictSame(numbers(order.flush()), [3])
  t.equal(order.waiting, 1)
  const rest = Array.from({ length: 64 }, (_, i) => numbers(order.take(packet(7 + i)))).flat()
  t.strictSame([rest[0], rest.at(-1), order.waiting], [6, 70, 0])
})

t.test('whatever happens on the way: numbers only rise', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), (steps) => {
      const order = createRtpOrder()
      const given = steps.flatMap((step, i) => numbers(order.take(packet(60_000 + i * 5 + step))))
      return given.every((each, i) => i === 0 || (each - given[i - 1]! + 0x1_0000) % 0x1_0000 < 0x8000)
    }),
  )
})
